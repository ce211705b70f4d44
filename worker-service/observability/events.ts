import type { Logger } from 'pino'
import type { ServiceError } from '../../shared/errors/service-error.ts'
import type { ProgramNews } from '../server-pool/connectors/resolved-programs.ts'
import type { WithheldTool } from '../tool-catalog/server-listing.ts'
import type { ToolChanges } from '../tool-catalog/tool-changes.ts'
import type { Metrics } from './metrics.ts'
import { createPoolEvents } from './pool-events.ts'

/** A request that was answered. `route` is a path of the route table or `other`; durations are milliseconds. */
export interface FinishedRequest {
  requestId: string
  method: string | undefined
  path: string
  route: string
  status: number
  durationMs: number
  /** It was a stream of events, which lasts as long as its reader likes. */
  followed: boolean
}

/** A gRPC call that is over. `path` is that of a method there is, `status` the name of its status; durations are milliseconds. */
export interface FinishedCall {
  path: string
  status: string
  durationMs: number
}

/** A configuration that was read; without a file there are no servers. `warnings` say what in it was passed over. */
export interface LoadedConfiguration {
  path: string
  exists: boolean
  servers: number
  warnings: readonly string[]
}

interface StartedWorkerFields {
  url: string
  /** Where it was to take requests; 0 for anywhere. */
  port: number
  grpc: string | undefined
  pid: number
  version: string
  selector: string
}

const HEALTH_METHOD = /\/(Health|Check|Watch)$/

/** Makes what the worker tells of itself, one function per event: its log line and its metrics. */
export function createEvents(logger: Logger, metrics: Metrics) {
  const pool = createPoolEvents(logger, metrics)
  return {
    workerStarted({ port, ...fields }: StartedWorkerFields): void {
      const isElsewhere = port !== 0 && !fields.url.endsWith(`:${port}`)
      if (isElsewhere) logger.warn({ port }, 'this port is taken: requests are taken on another one')
      logger.info(fields, 'worker started')
    },
    workerStopping(askedBy: string): void {
      logger.info({ askedBy }, 'worker stopping: requests in flight finish, new ones are refused')
    },
    workerStopped(): void {
      logger.info('worker stopped')
    },
    requestFinished({ requestId, method, path, route, status, durationMs, followed }: FinishedRequest): void {
      // Probes of a healthy process would fill the log: thousands of lines a day from one container alone.
      const level = route === '/health' && status === 200 ? 'debug' : 'info'
      logger[level]({ requestId, method, path, status, ms: Math.round(durationMs * 100) / 100 }, 'request')
      metrics.httpRequests.add(route, status)
      if (!followed) metrics.httpDuration.observe(durationMs / 1_000)
    },
    unexpectedError(error: unknown, requestId: string): void {
      logger.error({ err: error, requestId }, 'unexpected error')
    },
    grpc: grpcEvents(logger, metrics),
    selector: selectorEvents(logger, metrics),
    embeddings: embeddingsEvents(logger, metrics),
    catalog: catalogEvents(logger, metrics),
    pool,
    sockets: { ...pool, ...socketEvents(logger) },
    ...configurationEvents(logger),
    leftoversEnded(reaped: { processes: number; containers: number }): void {
      if (reaped.processes + reaped.containers > 0) logger.warn(reaped, 'ended what a killed worker had left')
    },
    programNews(news: ProgramNews): void {
      if (news.kind === 'resolved') logger.info(news, 'server starts without its package runner from here on')
      else logger.warn(news, 'server starts through its package runner again')
    },
    listMissing(server: string, kind: string, { message, code }: ServiceError): void {
      logger.warn({ server, kind, reason: message, code }, 'list missing')
    },
    leftoversRemain(error: unknown): void {
      logger.error({ err: error }, 'what a killed worker had left could not be ended')
    },
  }
}

function configurationEvents(logger: Logger) {
  return {
    configurationBroken({ message }: ServiceError): void {
      logger.error({ reason: message }, 'the configuration has changed but cannot be used, or not all of it')
    },
    configurationMended(): void {
      logger.info('the configuration can be used again')
    },
    configurationUnwatched(folder: string, cause: unknown): void {
      logger.warn({ folder, reason: String(cause) }, 'changes of the configuration are not seen before a restart')
    },
    configurationLoaded({ path, exists, servers, warnings }: LoadedConfiguration): void {
      if (warnings.length > 0) logger.warn({ path, warnings }, 'some of the configuration was passed over')
      if (exists) logger.info({ path, servers }, 'configuration loaded')
      else logger.warn({ path }, 'no configuration here: there are no servers to find tools of')
    },
  }
}

function socketEvents(logger: Logger) {
  return {
    socketMissing(server: string, { message }: ServiceError): void {
      logger.warn({ server, reason: message }, 'server has no socket')
    },
  }
}

function grpcEvents(logger: Logger, metrics: Metrics) {
  return {
    callFinished({ path, status, durationMs }: FinishedCall): void {
      const level = HEALTH_METHOD.test(path) && status === 'OK' ? 'debug' : 'info'
      logger[level]({ path, status, ms: Math.round(durationMs * 100) / 100 }, 'gRPC call')
      metrics.grpcCalls.inc({ method: path, status })
      metrics.grpcDuration.observe(durationMs / 1_000)
    },
    unexpectedError(error: unknown, path: string): void {
      logger.error({ err: error, path }, 'unexpected error')
    },
  }
}

function selectorEvents(logger: Logger, metrics: Metrics) {
  return {
    connectionOpened(): void {
      metrics.selectorConnectionsOpened.inc()
      metrics.selectorConnectionsOpen.inc()
    },
    connectionClosed(): void {
      metrics.selectorConnectionsOpen.dec()
    },
    requestFinished(outcome: string, durationMs: number): void {
      metrics.selectorRequests.inc({ outcome })
      metrics.selectorDuration.observe(durationMs / 1_000)
    },
    circuitOpened(): void {
      logger.warn('tool selector cannot be reached: calls are refused at once until it is back')
    },
    circuitClosed(): void {
      logger.info('tool selector is back')
    },
  }
}

function embeddingsEvents(logger: Logger, metrics: Metrics) {
  return {
    requests: {
      connectionOpened() {},
      connectionClosed() {},
      requestFinished(outcome: string, durationMs: number): void {
        metrics.embeddingsRequests.inc({ outcome })
        metrics.embeddingsDuration.observe(durationMs / 1_000)
      },
      circuitOpened() {},
      circuitClosed() {},
    },
    lost(reason: string): void {
      logger.warn({ reason }, 'embeddings cannot be had: tools are found by words alone until they can')
    },
    back(): void {
      logger.info('embeddings can be had again')
    },
    warn(message: string): void {
      logger.warn(message)
    },
  }
}

function catalogEvents(logger: Logger, metrics: Metrics) {
  return {
    serverListed(server: string, tools: number): void {
      logger.info({ server, tools }, 'server listed')
      metrics.serverListings.inc({ server, outcome: 'listed' })
      metrics.catalogTools.set({ server }, tools)
    },
    serverSkipped(server: string, { message, code }: ServiceError): void {
      logger.warn({ server, reason: message, code }, 'server skipped')
      metrics.serverListings.inc({ server, outcome: 'skipped' })
    },
    toolWithheld(server: string, { name, reason }: WithheldTool): void {
      logger.warn({ server, tool: name, reason }, 'tool withheld')
    },
    toolsChanged(server: string, { changed, added, removed }: ToolChanges): void {
      logger.warn({ server, changed, added, removed }, 'tools are not as they were accepted')
    },
    toolsAccepted(server: string, tools: number): void {
      logger.info({ server, tools }, 'tools accepted')
      metrics.catalogTools.set({ server }, tools)
    },
    snapshotFailed(message: string): void {
      logger.warn(message)
    },
  }
}
