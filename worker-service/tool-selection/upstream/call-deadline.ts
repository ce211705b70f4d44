import { toCancellation } from '../cancellation.ts'
import { deadlineFailure } from './api-failure.ts'
import type { ApiSite } from './api-site.ts'

/**
 * The time one call may take, retry and redirect included. Its signal aborts with `selector_timeout` when the time is up and
 * with `cancelled` when the caller leaves. Dispose it when the call ends.
 */
export class CallDeadline implements Disposable {
  // One timer and one listener, which go with the call: `AbortSignal.any([caller, AbortSignal.timeout()])` costs seven times as
  // much and leaves its timer running after the answer.
  readonly #controller = new AbortController()
  readonly #caller: AbortSignal
  readonly #timer: NodeJS.Timeout

  /** `timeoutMs` counts from now. */
  constructor(site: Pick<ApiSite, 'name'>, timeoutMs: number, caller: AbortSignal) {
    this.#caller = caller
    this.#timer = setTimeout(() => this.#controller.abort(deadlineFailure(site, timeoutMs)), timeoutMs)
    this.#timer.unref()
    caller.addEventListener('abort', this.#leave)
    if (caller.aborted) this.#leave()
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
    this.#caller.removeEventListener('abort', this.#leave)
  }

  readonly #leave = (): void => {
    this.#controller.abort(toCancellation(this.#caller))
  }
}
