import { ApiFailure } from './api-failure.ts'
import type { ApiSite } from './api-site.ts'

/** Lets calls through while an API can be reached, and refuses them at once while it cannot. */
export interface ApiCircuit {
  /** Runs a call, or throws `selector_failed` with `retryAfterMs` without running it. */
  run<T>(call: () => Promise<T>): Promise<T>
}

interface CircuitOptions {
  site: ApiSite
  onOpen: () => void
  onClose: () => void
}

/** Calls in a row that met no API before the circuit opens. */
export const FAILURES_TO_OPEN = 5

/** How long an open circuit refuses before one call may try again, in milliseconds. */
export const PROBE_AFTER_MS = 1_000

/**
 * Makes a circuit: closed ─ failures in a row ─▶ open ─ a second ─▶ half-open, where one call tries: it closes or opens again.
 * cockatiel is loaded here, so that a process that asks no API never loads it.
 */
export async function createCircuit({ site, onOpen, onClose }: CircuitOptions): Promise<ApiCircuit> {
  const { CircuitState, ConsecutiveBreaker, circuitBreaker, handleWhen, isBrokenCircuitError } = await import(
    'cockatiel'
  )
  // A probe whose caller left has shown nothing, so that it does not close the circuit.
  const counts = handleWhen((error) =>
    error instanceof ApiFailure ? error.point !== 'reply' : breaker.state === CircuitState.HalfOpen,
  )
  const breaker = circuitBreaker(counts, {
    halfOpenAfter: PROBE_AFTER_MS,
    breaker: new ConsecutiveBreaker(FAILURES_TO_OPEN),
  })
  breaker.onBreak(onOpen)
  breaker.onReset(onClose)
  return {
    async run(call) {
      // cockatiel would let them wait for the probe, which takes its whole deadline when the API hangs.
      if (breaker.state === CircuitState.HalfOpen) throw refusal(site)
      try {
        return await breaker.execute(call)
      } catch (error) {
        throw isBrokenCircuitError(error) ? refusal(site) : error
      }
    },
  }
}

function refusal(site: ApiSite): ApiFailure {
  const message = `${site.name} at ${site.url} could not be reached lately and is tried again in a moment.`
  return new ApiFailure('connection', message, { retryAfterMs: PROBE_AFTER_MS })
}
