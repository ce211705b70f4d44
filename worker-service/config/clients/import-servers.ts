import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { ClientId } from '../../../shared/contracts/client-id.ts'
import { DEFAULT_WORKER_PORT, type Environment } from '../../../shared/environment.ts'
import { ServiceError } from '../../../shared/errors/service-error.ts'
import { isJsonObject } from '../../../shared/json-object.ts'
import { readConfigurationFile } from '../configuration-file.ts'
import { editServers } from '../formats/edit-servers.ts'
import { formatOf, parseDocument } from '../formats/parse-document.ts'
import { entriesOf } from '../join-entries.ts'
import { spellingOf } from '../section-reader.ts'
import { loadServerConfiguration, sourcesOf } from '../server-configuration.ts'
import { CLIENTS, type ClientHome, fileOf, type McpClient, withoutProjectFile } from './clients.ts'
import { type ClientPlan, planImport } from './plan-import.ts'
import { type ClientServers, readClient } from './read-client.ts'
import { replaceFile } from './replace-file.ts'
import type { OwnEntry } from './translate-entry.ts'

/** Into which configuration servers are imported, and of whom. */
export interface ImportRequest {
  environment: Environment
  home: ClientHome
  /** One client; all there are where it is undefined. */
  from: ClientId | undefined
}

/** An import that can be looked at before it is made. */
export interface PreparedImport {
  /** Our configuration. */
  path: string
  /** Its text afterwards; undefined where it stays as it is. */
  text: string | undefined
  added: number
  /** The clients that have a configuration. */
  clients: (ClientPlan & Pick<ClientServers, 'text'>)[]
  /** Where the others would have one. */
  absent: { client: McpClient; path: string }[]
}

/** Reads the clients and our configuration and decides about every server. Rejects with `invalid_configuration` where a file cannot be used. */
export async function prepareImport({ environment, home, from }: ImportRequest): Promise<PreparedImport> {
  const asked = filesOf(from, home)
  const read = await Promise.all(asked.map(({ client, path }) => readClient(client, path)))
  const found = read.filter((client) => client !== undefined)
  const own = await readOwn(environment, home)
  const plans = planImport(found, own.entries, {
    home: home.home,
    project: home.project,
    port: environment.worker.port ?? DEFAULT_WORKER_PORT,
  })
  const set = Object.fromEntries(plans.flatMap(addedBy))
  const added = Object.keys(set).length
  return {
    path: own.path,
    text: added === 0 ? undefined : await editServers(own.text, formatOf(own.path), { key: own.key, set, remove: [] }),
    added,
    clients: plans.map((plan, at) => ({ ...plan, text: found[at]?.text ?? '' })),
    absent: asked.filter((_, at) => read[at] === undefined),
  }
}

/** Writes what was prepared. The file is then its owner's alone, since entries bring secrets. */
export async function finishImport({ path, text }: PreparedImport): Promise<void> {
  if (text === undefined) return
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  await replaceFile(path, text, { mode: 0o600 })
}

function filesOf(from: ClientId | undefined, home: ClientHome): { client: McpClient; path: string }[] {
  const asked = CLIENTS.filter(({ id }) => from === undefined || id === from)
  const files = asked.flatMap((client) => {
    const path = fileOf(client, home)
    return path === undefined ? [] : [{ client, path }]
  })
  const [client] = asked
  if (files.length > 0 || client === undefined) return files
  throw withoutProjectFile(client)
}

function addedBy({ servers }: ClientPlan): [string, OwnEntry][] {
  return servers.flatMap(({ ownName, outcome }) => (outcome.kind === 'added' ? [[ownName, outcome.entry]] : []))
}

async function readOwn(environment: Environment, { variables }: ClientHome) {
  const sources = sourcesOf(environment, variables)
  // What a worker would refuse is not added to.
  await loadServerConfiguration(sources)
  const file = readConfigurationFile(sources)
  const { path } = file
  const text = file.kind === 'text' ? file.text : ''
  const parsed = text === '' ? undefined : await parseDocument(text, formatOf(path))
  const document = parsed?.kind === 'value' && isJsonObject(parsed.value) ? parsed.value : {}
  const entries = new Map(entriesOf(document).map(({ name, value }) => [name, isJsonObject(value) ? value : {}]))
  const key = spellingOf('mcpServers', document) ?? spellingOf('servers', document) ?? 'mcpServers'
  if (Array.isArray(document[key])) {
    throw new ServiceError(
      'invalid_configuration',
      `${path} has its servers in a list; only an object of servers by their names can be added to.`,
    )
  }
  return { path, text, entries, key }
}
