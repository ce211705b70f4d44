import type { Failure } from '../../shared/errors/json-rpc-error.ts'
import type { ReadyWatch } from './ready-watch.ts'
import type { ServerRun } from './server-run.ts'

interface Phase {
  /** Milliseconds since the epoch. */
  readonly since: number
  readonly why: string
}

/** Nothing runs; the next use starts it. */
interface Cold extends Phase {
  readonly name: 'cold'
}

/** Whoever needs the server waits for this one start. `run` is there once it is connected. */
export interface Starting extends Phase {
  readonly name: 'starting'
  readonly abort: AbortController
  /** Settles with the start. */
  readonly settled: PromiseWithResolvers<void>
  /** Resolves when the connector has done its part, whatever came of it. */
  opening: Promise<void>
  timer: Disposable
  run: ServerRun | undefined
}

export interface Ready extends Phase {
  readonly name: 'ready'
  readonly run: ServerRun
  watch: ReadyWatch
}

/** It crashed, or did not start, and waits for its next attempt at `retryAt`; `isWanted` when somebody waits with it. */
export interface Fallen extends Phase {
  readonly name: 'backing-off' | 'failed'
  readonly retryAt: number
  readonly timer: Disposable
  isWanted: boolean
  /** Whether it was ready, so that its next start may be expected to succeed. */
  readonly hadStarted: boolean
}

/**
 * While `run` is there its calls in flight are finished and new ones held; then it is ended. With a `refusal` new calls are refused so;
 * without one they wait for the next start.
 */
export interface Stopping extends Phase {
  readonly name: 'stopping'
  readonly stopped: PromiseWithResolvers<void>
  refusal: Failure | undefined
  drainTimer: Disposable
  run: ServerRun | undefined
  isWanted: boolean
}

/**
 * Where a pooled server is:
 *
 *                  ┌───────────────────────── unused when due, and it had run ─────────────────┐
 *                  ▼                                                                            │
 *     ┌────▶ cold ──use──▶ starting ──initialized──▶ ready ──crash, two missed pings──▶ backing-off
 *     │                     ▲    └──cannot start──────────────────────────────────────▶ backing-off
 *     │                     ├──────────────────────── due, or use when nearly due ──────────────┤
 *     │                     └── due, or use when due ── failed ◀── 5 crashes in 60 s; unused ───┘
 *     │                                                            when due, and it had not run
 *     └──gone── stopping ◀── idle, evicted, reload, asked to (from ready, after its calls; from starting at once)
 *
 * (`disabled` is no state of a pooled server: what is switched off has none.)
 */
export type ServerState = Cold | Starting | Ready | Fallen | Stopping

/** The words for where a server is, the same everywhere. */
export type ServerStateName = ServerState['name'] | 'disabled'

/** Whether nothing of a server in this state runs or waits, and nothing happens before its next use. */
export function isAtRest(state: ServerState, now: number): boolean {
  return state.name === 'cold' || (state.name === 'failed' && state.retryAt <= now)
}

/** What happens next to a server in this state, as a sentence for people. */
export function whatComesNext(state: ServerState, { now, keepAliveMs }: { now: number; keepAliveMs: number }): string {
  switch (state.name) {
    case 'cold':
      return 'It starts on first use.'
    case 'starting':
      return state.run === undefined ? 'It is being started.' : 'It is expected to answer initialize.'
    case 'ready':
      return `It stops when unused for ${duration(keepAliveMs)}.`
    case 'backing-off':
      return `It starts again in ${duration(state.retryAt - now)}.`
    case 'failed':
      return state.retryAt > now
        ? `It is tried once more in ${duration(state.retryAt - now)}.`
        : 'It is tried once more on next use.'
    case 'stopping':
      return state.refusal === undefined ? 'It starts again on next use.' : 'It takes no more calls.'
  }
}

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

/** In the unit in which it is no long number, to a tenth. */
function duration(ms: number): string {
  const tenths = (unitMs: number) => Math.max(0, Math.ceil((ms / unitMs) * 10) / 10)
  if (ms < 2 * MINUTE_MS) return `${tenths(1_000)} s`
  return ms < 2 * HOUR_MS ? `${tenths(MINUTE_MS)} min` : `${tenths(HOUR_MS)} h`
}

const DRAIN_MS = 10_000
// The service promises to end within five seconds, of which a server that ignores its stop takes nearly two.
const SHUTDOWN_DRAIN_MS = 2_500

/** How long calls in flight may take when their server is to stop, in milliseconds. */
export function drainMsOf({ refusal }: Stopping): number {
  return refusal?.code === 'shutting_down' ? SHUTDOWN_DRAIN_MS : DRAIN_MS
}
