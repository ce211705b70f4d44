import type { Failure } from '../../shared/errors/json-rpc-error.ts'
import type { RestartSettings } from './server-definition.ts'
import type { Fallen, ServerState } from './server-state.ts'

/** What is to be done about a crash: wait and start again, or rest, and only try now and then. */
interface RestartDecision {
  readonly kind: 'retry' | 'rest'
  /** Milliseconds until the next attempt. */
  readonly delayMs: number
}

/** Decides when a server that crashed is started again. Times are milliseconds of one clock. */
export interface RestartPolicy {
  /** A start failed, or a server that was ready since `readySince` has crashed. */
  crashed(at: number, readySince: number | undefined): RestartDecision
  /** Somebody asked for a fresh start: what was before is forgotten. */
  reset(): void
}

/**
 * Full jitter over a delay that doubles (the wait is drawn anew between nothing and the whole of it, so that servers that fell together
 * do not rise together), and a budget of crashes. A server that spent it rests until one attempt ends in a stable run.
 */
export function createRestartPolicy(settings: RestartSettings, random: () => number): RestartPolicy {
  const { minDelayMs, maxDelayMs, stableAfterMs, maxCrashes, crashWindowMs, probeEveryMs } = settings
  let attempts = 0
  let isSpent = false
  let crashes: number[] = []
  return {
    crashed(at, readySince) {
      if (readySince !== undefined && at - readySince >= stableAfterMs) {
        attempts = 0
        isSpent = false
      }
      crashes = [...crashes.filter((crash) => at - crash < crashWindowMs), at]
      isSpent ||= crashes.length >= maxCrashes
      if (isSpent) return { kind: 'rest', delayMs: probeEveryMs }
      const ceilingMs = Math.min(maxDelayMs, minDelayMs * 2 ** attempts)
      attempts++
      return { kind: 'retry', delayMs: Math.ceil(random() * ceilingMs) }
    },
    reset() {
      attempts = 0
      isSpent = false
      crashes = []
    },
  }
}

/** Where a fallen server is that nobody uses when it is due. One that could not start, or fell again and again, stays known for that. */
export function unusedWhenDue(fallen: Fallen, now: number): ServerState {
  const isWell = fallen.hadStarted && fallen.name === 'backing-off'
  return isWell ? { name: 'cold', since: now, why: fallen.why } : { ...fallen, name: 'failed' }
}

/** What a use of a server is told that comes before its next attempt is due, with what to do about it. */
export function refusalUntilDue(server: string, fallen: Fallen, now: number): Failure {
  const remedy = `Its next attempt is not due yet; "pilot service start ${server}" starts it now.`
  const retryAfterMs = Math.ceil(fallen.retryAt - now)
  return { code: 'server_unavailable', message: `${fallen.why} (${remedy})`, retryAfterMs }
}
