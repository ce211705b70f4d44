import { constants } from 'node:fs'
import { access, lstat, statfs } from 'node:fs/promises'
import { createServer } from 'node:net'
import { dirname } from 'node:path'
import { showServerName, withoutServer } from '../shared/contracts/server-name.ts'
import { countOf } from '../shared/count-of.ts'
import { DEFAULT_WORKER_PORT, type Environment } from '../shared/environment.ts'
import { ServiceError } from '../shared/errors/service-error.ts'
import { controlSocketPath, serverSocketFolder } from '../shared/server-socket.ts'
import { VERSION } from '../shared/version.ts'
import { lookForWorker } from '../shared/worker-presence.ts'
import { describeWorker, readWorkerRecord } from '../shared/worker-record.ts'
import { loadServerConfiguration, type ServerConfiguration, sourcesOf } from './config/server-configuration.ts'
import { SILENT_OBSERVER, SILENT_SERVERS_OBSERVER } from './observability/silent-observer.ts'
import { PooledServers } from './pooled-servers.ts'
import { EmbeddingsClient } from './tool-selection/embeddings/embeddings-client.ts'

/** What was looked at, and how it is. Where it is not as it should be, `remedy` says what to do. */
export interface Finding {
  readonly about: string
  readonly state: 'ok' | 'warning' | 'error'
  readonly says: string
  readonly remedy?: string
}

/** What is examined: the environment of a program. */
export interface Examination {
  readonly environment: Environment
  readonly variables: Readonly<Record<string, string | undefined>>
}

const AT_ONCE = 4
const PRIVATE_FILE = 0o077
// What a worker keeps at the least.
const MIN_FREE_BYTES = 64 * 1024

/** Looks at everything that the worker needs and starts each server once. Findings come in their order, as they are made. */
export async function* examine(examination: Examination, signal: AbortSignal): AsyncIterable<Finding> {
  const { environment, variables } = examination
  yield { about: 'Node', state: 'ok', says: `${process.version} on ${process.platform}` }
  yield* await Promise.all(Object.entries(environment.folders).map(([name, path]) => folderFinding(name, path)))
  yield socketFinding(environment)
  yield await tokenFinding(environment)
  if (environment.embeddings.url !== undefined) yield await embeddingsFinding(environment, signal)
  const configuration = await loadServerConfiguration(sourcesOf(environment, variables)).catch((thrown: unknown) =>
    ServiceError.from(thrown),
  )
  if (ServiceError.is(configuration)) {
    yield { about: 'configuration', state: 'error', says: configuration.message, remedy: 'Run "pilot config check".' }
    yield* workerFindings(environment, undefined, signal)
    return
  }
  yield* configurationFindings(configuration)
  yield* workerFindings(environment, configuration, signal)
  yield* serverFindings(examination, configuration, signal)
}

async function folderFinding(name: string, path: string): Promise<Finding> {
  const about = `${name} folder`
  const found = await lstat(path).catch(() => undefined)
  if (found === undefined) return missingFolderFinding(about, path)
  const remedy = `Remove ${path}, or make it a folder of yours (chmod 700).`
  if (!found.isDirectory()) return { about, state: 'error', says: `${path} is no folder`, remedy }
  if (found.uid !== process.getuid?.()) return { about, state: 'error', says: `${path} is user ${found.uid}'s`, remedy }
  if ((found.mode & 0o002) !== 0) return { about, state: 'error', says: `every user can write to ${path}`, remedy }
  if (!(await mayWriteIn(path))) return { about, state: 'error', says: `${path} is read-only`, remedy }
  const { bavail: freeBlocks, bsize: blockBytes, ffree: freeFiles, files } = await statfs(path)
  // Some file systems make their files' places as they go, and count none.
  const isFull = freeBlocks * blockBytes < MIN_FREE_BYTES || (files > 0 && freeFiles === 0)
  if (!isFull) return { about, state: 'ok', says: path }
  return { about, state: 'error', says: `there is no room left in ${path}`, remedy: 'Make room on its file system.' }
}

async function missingFolderFinding(about: string, path: string): Promise<Finding> {
  const parent = await nearestFolder(path)
  if (await mayWriteIn(parent)) return { about, state: 'ok', says: `${path}, which is made when it is needed` }
  const remedy = `Make ${parent} writable, or name another place (HOME, or the XDG variable of this folder).`
  return { about, state: 'error', says: `${path} cannot be made, since nothing can be written in ${parent}`, remedy }
}

async function nearestFolder(path: string): Promise<string> {
  const parent = dirname(path)
  const found = await lstat(parent).catch(() => undefined)
  return found === undefined && parent !== path ? nearestFolder(parent) : parent
}

function mayWriteIn(folder: string): Promise<boolean> {
  return access(folder, constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  )
}

function socketFinding({ folders }: Environment): Finding {
  const path = controlSocketPath(folders.runtime)
  const isElsewhere = !path.startsWith(folders.runtime)
  const why = isElsewhere ? ', since the path of the runtime folder is too long for a socket' : ''
  return { about: 'sockets', state: 'ok', says: `${path} and ${serverSocketFolder(folders.runtime)}${why}` }
}

async function tokenFinding({ worker }: Environment): Promise<Finding> {
  const about = 'token'
  const { token, tokenFile } = worker
  if (token !== undefined) return { about, state: 'ok', says: 'from PILOTLIGHT_TOKEN' }
  const found = await lstat(tokenFile).catch(() => undefined)
  if (found === undefined) return { about, state: 'ok', says: `${tokenFile}, which the worker makes` }
  const isPrivate = found.isFile() && found.uid === process.getuid?.() && (found.mode & PRIVATE_FILE) === 0
  if (isPrivate) return { about, state: 'ok', says: tokenFile }
  const remedy = `Remove it (rm ${tokenFile}) and run "pilot service restart".`
  return { about, state: 'error', says: `${tokenFile} is not this user's alone`, remedy }
}

async function embeddingsFinding({ embeddings }: Environment, signal: AbortSignal): Promise<Finding> {
  const about = 'embeddings'
  const { url = '', model, apiKey, timeoutMs } = embeddings
  try {
    await using client = new EmbeddingsClient({ url, model, apiKey, observer: SILENT_OBSERVER.embeddings.requests })
    const vector = await client.embedOne('tool', timeoutMs, signal)
    return { about, state: 'ok', says: `${client.url}, ${model}, ${vector.length} dimensions` }
  } catch (thrown) {
    const { message } = ServiceError.from(thrown)
    const remedy =
      'Look at EMBEDDINGS_URL, EMBEDDINGS_MODEL and OPENAI_API_KEY; tools are found by words alone meanwhile.'
    return { about, state: 'warning', says: message, remedy }
  }
}

function* configurationFindings(configuration: ServerConfiguration): Iterable<Finding> {
  const { path, exists, servers, disabled, warnings, unusable } = configuration
  const about = 'configuration'
  if (!exists) {
    const remedy = 'Write one, or run "pilot import".'
    yield { about, state: 'warning', says: `there is no ${path}, so there are no servers`, remedy }
    return
  }
  const off = disabled.length === 0 ? '' : `, ${disabled.length} switched off`
  yield { about, state: 'ok', says: `${path}, ${countOf(servers.length, 'server')}${off}` }
  for (const says of warnings) yield { about, state: 'warning', says, remedy: 'Run "pilot config check".' }
  for (const { name, reason } of unusable)
    yield { about: `server ${showServerName(name)}`, state: 'error', says: reason }
}

async function* workerFindings(
  environment: Environment,
  configuration: ServerConfiguration | undefined,
  signal: AbortSignal,
): AsyncIterable<Finding> {
  const about = 'worker'
  const { worker, folders } = environment
  if (worker.url !== undefined) {
    yield { about, state: 'ok', says: `${worker.url}, which somebody else runs` }
    return
  }
  const presence = await lookForWorker(folders.runtime, signal)
  const record = readWorkerRecord(folders.runtime)
  const who = record === undefined ? 'one' : describeWorker(record)
  switch (presence.state) {
    case 'answers': {
      const isOther = presence.version !== VERSION
      const remedy = { remedy: 'Run "pilot service restart".' }
      yield {
        about,
        state: isOther ? 'warning' : 'ok',
        says: `${who}, version ${presence.version}`,
        ...(isOther && remedy),
      }
      return
    }
    case 'silent':
      yield { about, state: 'error', says: `${who} is there and does not answer`, remedy: 'Run "pilot service stop".' }
      return
    case 'nobody':
      yield { about, state: 'ok', says: `none runs${record === undefined ? '' : `; the last (${who}) was killed`}` }
      yield await portFinding(worker.host, worker.port ?? configuration?.service.port ?? DEFAULT_WORKER_PORT)
  }
}

function portFinding(host: string, port: number): Promise<Finding> {
  const about = 'port'
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', ({ message }) => {
      const remedy = 'End who has it, or choose another one (service.port, WORKER_SERVICE_PORT).'
      resolve({ about, state: 'warning', says: `${host}:${port} cannot be listened on: ${message}`, remedy })
    })
    server.listen({ host, port }, () =>
      server.close(() => resolve({ about, state: 'ok', says: `${host}:${port} is free` })),
    )
  })
}

async function* serverFindings(
  examination: Examination,
  configuration: ServerConfiguration,
  signal: AbortSignal,
): AsyncIterable<Finding> {
  // The pool's own timers keep no process alive, and a server that has ended does not either.
  using _ = setInterval(() => {}, 1_000)
  await using servers = await PooledServers.open({ ...examination, configuration, observer: SILENT_SERVERS_OBSERVER })
  const { isolation } = servers.status().service
  yield { about: 'isolation', state: 'ok', says: `servers are kept from outliving the worker by: ${isolation}` }
  const names = configuration.servers.map(({ name }) => name)
  for (let at = 0; at < names.length; at += AT_ONCE) {
    signal.throwIfAborted()
    yield* await Promise.all(names.slice(at, at + AT_ONCE).map((name) => startFinding(name, servers)))
  }
}

// A start has a time of its own in which it ends.
async function startFinding(name: string, servers: PooledServers): Promise<Finding> {
  const about = `server ${name}`
  const startedAt = performance.now()
  try {
    await servers.start(name)
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1)
    return { about, state: 'ok', says: `started in ${seconds} s` }
  } catch (thrown) {
    const remedy = `See "pilot service logs ${name}".`
    return { about, state: 'error', says: withoutServer(name, ServiceError.from(thrown).message), remedy }
  } finally {
    await servers.stop(name).catch(() => {})
  }
}
