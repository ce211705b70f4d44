import { SelectorFailure } from './selector-failure.ts'
import type { SelectorSite } from './selector-site.ts'

/** Lets calls through while the selector can be reached, and refuses them at once while it cannot. */
export interface SelectorCircuit {
  /** Runs a call, or throws `selector_failed` with `retryAfterMs` without running it. */
  run<T>(call: () => Promise<T>): Promise<T>
}

interface CircuitOptions {
  site: SelectorSite
  onOpen: () => void
  onClose: () => void
}

/** Calls in a row that met no selector before the circuit opens. */
export const FAILURES_TO_OPEN = 5

/** How long an open circuit refuses before one call may try again, in milliseconds. */
export const PROBE_AFTER_MS = 1_000

/**
 * Makes a circuit: closed ─ failures in a row ─▶ open ─ a second ─▶ half-open, where one call tries: it closes or opens again.
 * cockatiel is loaded here, so that a process that asks no selector API never loads it.
 */
export async function createSelectorCircuit({ site, onOpen, onClose }: CircuitOptions): Promise<SelectorCircuit> {
  const { CircuitState, ConsecutiveBreaker, circuitBreaker, handleWhen, isBrokenCircuitError } = await import(
    'cockatiel'
  )
  // A probe whose caller left has shown nothing, so that it does not close the circuit.
  const counts = handleWhen((error) =>
    error instanceof SelectorFailure ? error.point !== 'reply' : breaker.state === CircuitState.HalfOpen,
  )
  const breaker = circuitBreaker(counts, {
    halfOpenAfter: PROBE_AFTER_MS,
    breaker: new ConsecutiveBreaker(FAILURES_TO_OPEN),
  })
  breaker.onBreak(onOpen)
  breaker.onReset(onClose)
  return {
    async run(call) {
      // cockatiel would let them wait for the probe, which takes its whole deadline when the selector hangs.
      if (breaker.state === CircuitState.HalfOpen) throw refusal(site)
      try {
        return await breaker.execute(call)
      } catch (error) {
        throw isBrokenCircuitError(error) ? refusal(site) : error
      }
    },
  }
}

function refusal(site: SelectorSite): SelectorFailure {
  const message = `Tool selector at ${site.url} could not be reached lately and is tried again in a moment.`
  return new SelectorFailure('connection', message, { retryAfterMs: PROBE_AFTER_MS })
}
