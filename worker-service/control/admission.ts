import { ServiceError } from '../../shared/errors/service-error.ts'
import type { WorkerUse } from './worker-use.ts'

// Far above what one machine answers in a moment; below it nothing waits long, above it memory would be the limit.
const MAX_CALLS_IN_FLIGHT = 4_096
// People who watch, and their tools.
const MAX_STREAMS = 128

/** The two ways into the worker, one for all of its faces. */
export interface Admissions {
  /** Lets calls in. */
  admission: Admission
  /** Lets streams in that last as long as their clients like. */
  streams: Admission
}

/** Makes the two ways into a worker; whatever is let in uses it. */
export function createAdmissions(use?: WorkerUse): Admissions {
  return {
    admission: new Admission(MAX_CALLS_IN_FLIGHT, 'calls', use),
    streams: new Admission(MAX_STREAMS, 'streams', use),
  }
}

/** Lets calls in while there is room and the worker is not draining. */
export class Admission {
  readonly #maxInFlight: number
  readonly #kind: 'calls' | 'streams'
  readonly #use: WorkerUse | undefined
  readonly #drained = new AbortController()
  #inFlight = 0

  /** `maxInFlight` counts calls at once; the next one is refused with `overloaded`. */
  constructor(maxInFlight: number, kind: 'calls' | 'streams' = 'calls', use?: WorkerUse) {
    this.#maxInFlight = maxInFlight
    this.#kind = kind
    this.#use = use
  }

  get draining(): boolean {
    return this.#drained.signal.aborted
  }

  /** Aborts when it begins to drain: what has no end of its own ends then. */
  get drained(): AbortSignal {
    return this.#drained.signal
  }

  /** From now on every new call is refused with `shutting_down`; those inside finish. */
  drain(): void {
    this.#drained.abort()
  }

  /** Runs a call inside the limit. Throws `shutting_down` or `overloaded` without running it. */
  async run<T>(call: () => Promise<T>): Promise<T> {
    if (this.draining) throw new ServiceError('shutting_down', 'The worker is shutting down.', { retryAfterMs: 1_000 })
    if (this.#inFlight >= this.#maxInFlight) {
      throw new ServiceError('overloaded', `The worker is busy with ${this.#maxInFlight} ${this.#kind}.`, {
        retryAfterMs: 1_000,
      })
    }
    this.#inFlight++
    this.#use?.begin()
    try {
      return await call()
    } finally {
      this.#inFlight--
      this.#use?.end()
    }
  }
}
