import { join } from 'node:path'
import type { DestinationStream } from 'pino'
import { type Environment, readEnvironment } from '../shared/environment.ts'
import { EXIT_BY_CODE } from '../shared/errors/exit-code.ts'
import { ServiceError } from '../shared/errors/service-error.ts'
import { systemCodeOf } from '../shared/errors/system-code.ts'
import { createLogger } from '../shared/logger.ts'
import { allServersSocketPath, controlSocketPath } from '../shared/server-socket.ts'
import { VERSION } from '../shared/version.ts'
import { readWorkerMode, type WorkerMode } from '../shared/worker-mode.ts'
import type { WorkerRecord } from '../shared/worker-record.ts'
import { aggregateServers, tellingSessions } from './aggregated-servers.ts'
import { AutoShutdown } from './auto-shutdown.ts'
import { loadServerConfiguration, type ServerConfiguration, sourcesOf } from './config/server-configuration.ts'
import { ConfigurationWatch } from './config/watch.ts'
import { WorkerUse } from './control/worker-use.ts'
import { countHeldBuffers } from './count-held-buffers.ts'
import { loadOrCreateToken } from './files/access-token.ts'
import { closeInheritedFiles } from './files/close-inherited-files.ts'
import { RotatedLog } from './files/rotated-log.ts'
import { becomeSoleWorker } from './files/sole-worker.ts'
import { FirstToolsKeeper } from './first-tools-keeper.ts'
import { giveBackMemory } from './give-back-memory.ts'
import { listedTools, listedToolTexts } from './listed-tools.ts'
import { createEvents } from './observability/events.ts'
import { createMetrics, withProcessMetrics } from './observability/metrics.ts'
import { PooledServers } from './pooled-servers.ts'
import type { PoolClient } from './server-pool/client-session.ts'
import { SYSTEM_CLOCK } from './server-pool/clock.ts'
import { MARKER_VARIABLE } from './server-pool/connectors/process-table.ts'
import { createService, type Service } from './service.ts'
import { ServerSockets } from './sockets/server-sockets.ts'
import { startFaces } from './start-faces.ts'
import { notOnDemand, resolveWorkerSettings } from './worker-settings.ts'

// Below the five seconds in which a stop is promised, and the ten after which containers are killed.
const STOP_GRACE_MS = 4_000
// What clients on sockets have not read yet when their servers are gone.
const SOCKET_GRACE_MS = 500
// Longer than a stop takes.
const PREDECESSOR_PATIENCE_MS = 10_000
// After the first calls of whoever started it, which a collection would hold up.
const START_IS_OVER_MS = 5_000
const DOCS_FOLDER = join(import.meta.dirname, '../dist/docs')

/** Runs the worker until SIGTERM, SIGINT or `POST /shutdown`: start, wait, finish what is in flight. A second signal ends it at once. */
export async function main(): Promise<void> {
  if (process.env[MARKER_VARIABLE] !== undefined) startUnmarked()
  const mode = readWorkerMode(process.argv)
  if (mode !== 'foreground') closeInheritedFiles()
  countHeldBuffers()
  SYSTEM_CLOCK.setTimeout(giveBackMemory, START_IS_OVER_MS)
  try {
    await run(readEnvironment(process.env), mode)
  } catch (thrown) {
    const error = toStartFailure(thrown)
    // In the background it is said by whoever started it.
    const speaker = mode === 'foreground' ? 'pilot service run: ' : ''
    process.stderr.write(`${speaker}${error.code === 'internal' ? String(error.cause) : error.message}\n`)
    process.exitCode = EXIT_BY_CODE[error.code]
  }
}

function toStartFailure(thrown: unknown): ServiceError {
  const isFull = ['ENOSPC', 'EDQUOT'].includes(systemCodeOf(thrown))
  if (!isFull) return ServiceError.from(thrown)
  const message = 'There is no room left in the runtime, state or cache folder; "pilot doctor" says in which.'
  return new ServiceError('server_unavailable', message, { cause: thrown })
}

// Started by some worker's server or a descendant of it, this one serves others too and is not to be ended as what that worker left.
// What a process was started with can be changed by starting it anew alone; it keeps its number, and nothing was opened yet.
function startUnmarked(): void {
  const { [MARKER_VARIABLE]: _, ...variables } = process.env
  const { execPath, execArgv, argv } = process
  process.execve?.(execPath, [execPath, ...execArgv, ...argv.slice(1)], variables)
}

async function run(environment: Environment, mode: WorkerMode): Promise<void> {
  const stop = Promise.withResolvers<string>()
  onStopSignal(stop.resolve)
  const variables = process.env
  const configuration = await loadServerConfiguration(sourcesOf(environment, variables))
  const settings = resolveWorkerSettings(environment, configuration, mode)
  if (mode === 'on-demand' && !settings.autoStart) throw notOnDemand(configuration)
  await using log = new RotatedLog({ path: environment.workerLogPath })
  const logger = createLogger(settings.logLevel, mode === 'foreground' ? undefined : lineByLine(log))
  const metrics = createMetrics()
  const events = createEvents(logger, metrics)
  const token = environment.worker.token ?? (await loadOrCreateToken(environment.worker.tokenFile))
  const runtimeFolder = environment.folders.runtime
  const use = new WorkerUse(() => SYSTEM_CLOCK.now())
  await using soleWorker = await becomeSoleWorker(runtimeFolder, PREDECESSOR_PATIENCE_MS)
  await using servers = await PooledServers.open({ environment, configuration, variables, observer: events })
  await using service = await createService({ environment, servers, listing: 'outdated', observer: events })
  using aggregator = aggregateServers({ servers, service, maxLimit: environment.findTools.maxLimit, observer: events })
  await using beside = new AsyncDisposableStack()
  beside.use(keepFirstTools(environment, { service, aggregator, events }))
  const allServers = {
    connect: (client: PoolClient) => aggregator.connect(client),
    maxMessageBytes: () => servers.largestMessageBytes(),
  }
  await using sockets = new ServerSockets({ runtimeFolder, servers, allServers, observer: events.sockets, use })
  await sockets.serve(namesOf(servers.configuration))
  using autoShutdown = new AutoShutdown({ use, clock: SYSTEM_CLOCK, mode, stop: stop.resolve })
  using _ = watchConfiguration(environment, { servers, service, sockets, events, autoShutdown })
  await using faces = await startFaces({
    service: {
      ...service,
      findTools: tellingSessions(service.findTools, aggregator),
      servers,
      allServers,
      toolsOf: (server) => listedTools(server, service.tools.catalog),
      toolTextsOf: (server) => listedToolTexts(server, service.tools),
      shutDown: () => stop.resolve('POST /shutdown'),
    },
    metrics: withProcessMetrics(metrics.registry),
    events,
    token,
    worker: { ...environment.worker, ...settings },
    docsFolder: DOCS_FOLDER,
    runtimeFolder,
    use,
    grpcPort: servers.configuration.service.grpcPort,
  })
  const record = recordOf(faces.url, runtimeFolder, mode)
  await soleWorker.announce(record, () => endOutOfPlace(runtimeFolder, stop.resolve))
  const selector = environment.selector.url ?? 'embedded'
  events.workerStarted({ ...record, port: settings.port, grpc: faces.grpcAddress, selector })
  autoShutdown.configure(servers.configuration.service)
  events.workerStopping(await stop.promise)
  await soleWorker.retract()
  await sockets.stopListening()
  await Promise.all([faces.close(STOP_GRACE_MS), servers[Symbol.asyncDispose]()])
  aggregator[Symbol.dispose]()
  await sockets.close(SOCKET_GRACE_MS)
  events.workerStopped()
}

function endOutOfPlace(runtimeFolder: string, stop: (askedBy: string) => void): void {
  // Whoever looks after it starts it again, in a folder that is there.
  process.exitCode = EXIT_BY_CODE.server_unavailable
  stop(`nobody: its folder ${runtimeFolder} was removed, or its lock or socket`)
}

interface Listing {
  service: Service
  aggregator: ReturnType<typeof aggregateServers>
  events: ReturnType<typeof createEvents>
}

function keepFirstTools(source: Environment, { service, aggregator, events }: Listing): FirstToolsKeeper {
  return new FirstToolsKeeper({
    source,
    tools: service.tools,
    list: () => aggregator.firstTools(),
    warn: (message) => events.catalog.snapshotFailed(message),
  })
}

function recordOf(url: string, runtimeFolder: string, mode: WorkerMode): WorkerRecord {
  return {
    pid: process.pid,
    started_at: new Date(performance.timeOrigin).toISOString(),
    url,
    version: VERSION,
    background: mode !== 'foreground',
    sockets: { control: controlSocketPath(runtimeFolder), mcp: allServersSocketPath(runtimeFolder) },
  }
}

function lineByLine(log: RotatedLog): DestinationStream {
  return { write: (line) => void log.write(line.trimEnd()) }
}

type ConfigurationEvents = Pick<
  ReturnType<typeof createEvents>,
  'configurationBroken' | 'configurationMended' | 'configurationUnwatched'
>

interface Configured {
  servers: PooledServers
  service: Service
  sockets: ServerSockets
  events: ConfigurationEvents
  autoShutdown: AutoShutdown
}

function watchConfiguration(
  { configPath, configAlternatives, variablesPath }: Environment,
  { servers, service, sockets, events, autoShutdown }: Configured,
): ConfigurationWatch {
  return new ConfigurationWatch({
    paths: [configPath, ...configAlternatives, variablesPath],
    current: servers.configuration,
    load: () => servers.readConfiguration(),
    changed: async (configuration) => {
      const applied = servers.configure(configuration)
      service.configure(configuration)
      autoShutdown.configure(configuration.service)
      await Promise.all([applied, sockets.serve(namesOf(configuration))])
    },
    broken: (error) => {
      events.configurationBroken(error)
      servers.configurationProblem = error.message
    },
    mended: () => {
      events.configurationMended()
      servers.configurationProblem = undefined
    },
    unwatched: (folder, cause) => events.configurationUnwatched(folder, cause),
  })
}

function namesOf({ servers }: ServerConfiguration): string[] {
  return servers.map(({ name }) => name)
}

function onStopSignal(stop: (signal: NodeJS.Signals) => void): void {
  let asked = false
  const onSignal = (signal: NodeJS.Signals) => {
    // The first signal was an order to finish; whoever sends a second one does not want to wait.
    if (asked) process.exit(1)
    asked = true
    stop(signal)
  }
  process.on('SIGTERM', onSignal)
  process.on('SIGINT', onSignal)
}
