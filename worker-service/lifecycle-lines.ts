import { ShownText } from './server-pool/connectors/shown-text.ts'
import type { PoolObserver } from './server-pool/pool-observer.ts'

/** Takes a line about a server. */
export type NoteLine = (server: string, line: string) => void

const MAX_LINE_CHARACTERS = 4_096
// What they quote is made fit to be shown by whoever had the secrets.
const SHOWN = new ShownText([])

/**
 * An observer that also notes when servers start, are ready, fall and stop: lines for people that begin with the time, as those of their
 * error output do, and then say that they are ours. `now` is milliseconds since the epoch.
 */
export function notingLifecycle(observer: PoolObserver, note: NoteLine, now: () => number): PoolObserver {
  const tell = (server: string, text: string) => {
    const time = new Date(now()).toISOString()
    for (const line of SHOWN.lines(text, MAX_LINE_CHARACTERS)) note(server, `${time} pilotlight: ${line}`)
  }
  return {
    ...observer,
    serverStarting(server, why) {
      observer.serverStarting(server, why)
      tell(server, `starting: ${why}`)
    },
    serverReady(server, details) {
      observer.serverReady(server, details)
      tell(server, `ready after ${Math.round(details.tookMs)} ms`)
    },
    serverFell(server, details) {
      observer.serverFell(server, details)
      const { why, retryAfterMs, isFailed } = details
      tell(server, `${isFailed ? 'failed' : 'fell'}: ${why} Next attempt in ${Math.round(retryAfterMs)} ms`)
    },
    serverStopped(server, why) {
      observer.serverStopped(server, why)
      tell(server, `stopped: ${why}`)
    },
  }
}
