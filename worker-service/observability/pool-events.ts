import type { Logger } from 'pino'
import type { PoolObserver } from '../server-pool/pool-observer.ts'
import type { Metrics } from './metrics.ts'

// A method is what a client sends; only those of the protocol may become labels of a metric.
const METHODS: ReadonlySet<string> = new Set([
  'initialize',
  'ping',
  'tools/list',
  'tools/call',
  'resources/list',
  'resources/templates/list',
  'resources/read',
  'resources/subscribe',
  'resources/unsubscribe',
  'prompts/list',
  'prompts/get',
  'completion/complete',
  'logging/setLevel',
  'tasks/get',
  'tasks/result',
  'tasks/list',
  'tasks/cancel',
])

/** Makes what is told of the pool, one function per event: its log line and its metrics. */
export function createPoolEvents(logger: Logger, metrics: Metrics): PoolObserver {
  return {
    serverStarting(server, why) {
      logger.info({ server, why }, 'server starting')
      metrics.serverStarts.inc({ server })
    },
    serverReady(server, { tookMs }) {
      logger.info({ server, ms: Math.round(tookMs) }, 'server ready')
      metrics.serverStartDuration.observe({ server }, tookMs / 1_000)
    },
    serverFell(server, { why, retryAfterMs, isFailed }) {
      logger.warn({ server, why, retryAfterMs: Math.round(retryAfterMs) }, isFailed ? 'server failed' : 'server fell')
      metrics.serverFalls.inc({ server })
    },
    serverStopped(server, why) {
      logger.info({ server, why }, 'server stopped')
    },
    callFinished({ server, method, name, outcome, durationMs }) {
      // One line per call would cost more than the call.
      if (outcome !== 'answered')
        logger.info({ server, method, name, outcome, ms: Math.round(durationMs) }, 'call ended')
      metrics.calls.add(server, METHODS.has(method) ? method : 'other', outcome)
      metrics.callDuration.add(server, durationMs / 1_000)
    },
    frameDropped(server, { from, reason }) {
      logger.debug({ server, from, reason }, 'message dropped')
      metrics.framesDropped.inc({ server, from, reason })
    },
    listChanged(server, list) {
      logger.debug({ server, list }, 'list changed')
    },
    questionUnattributed(server) {
      logger.warn({ server }, 'server asked something and nobody can tell which client it is for')
    },
    serverSerialised(server) {
      logger.info({ server }, 'clients of this server take turns from here on: it asks them questions')
    },
    clientCutOff(server, why) {
      logger.warn({ server, why }, 'client cut off')
      metrics.clientsCutOff.inc({ server })
    },
  }
}
