import { ServiceError } from '../../shared/errors/service-error.ts'

/** Lets calls in while there is room and the worker is not draining. */
export class Admission {
  readonly #maxInFlight: number
  #inFlight = 0
  #draining = false

  /** `maxInFlight` counts calls at once; the next one is refused with `overloaded`. */
  constructor(maxInFlight: number) {
    this.#maxInFlight = maxInFlight
  }

  get draining(): boolean {
    return this.#draining
  }

  /** From now on every new call is refused with `shutting_down`; those inside finish. */
  drain(): void {
    this.#draining = true
  }

  /** Runs a call inside the limit. Throws `shutting_down` or `overloaded` without running it. */
  async run<T>(call: () => Promise<T>): Promise<T> {
    if (this.#draining) throw new ServiceError('shutting_down', 'The worker is shutting down.', { retryAfterMs: 1_000 })
    if (this.#inFlight >= this.#maxInFlight) {
      throw new ServiceError('overloaded', `The worker is busy with ${this.#maxInFlight} calls.`, {
        retryAfterMs: 1_000,
      })
    }
    this.#inFlight++
    try {
      return await call()
    } finally {
      this.#inFlight--
    }
  }
}
