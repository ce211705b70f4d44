import type { Clock } from './clock.ts'

/** What is known of the use of a server. */
export interface Usage {
  isBusy(): boolean
  /** When a call last began or ended, in milliseconds of the clock. */
  lastUsedAt(): number
  /** It was unused for as long as it may be. */
  unused(): void
}

/** Tells when a server was unused for so long, and never while it is busy. Disposing it ends the watch. */
export class IdleWatch implements Disposable {
  readonly #usage: Usage
  readonly #clock: Clock
  readonly #keepAliveMs: number
  #timer: Disposable | undefined

  constructor(usage: Usage, { clock, keepAliveMs }: { clock: Clock; keepAliveMs: number }) {
    this.#usage = usage
    this.#clock = clock
    this.#keepAliveMs = keepAliveMs
    this.#wait(keepAliveMs)
  }

  /** The last call has ended. Only who keeps nothing alive need look at once: the timer is not set while such a server is busy. */
  becameIdle(): void {
    if (this.#keepAliveMs === 0) this.#wait(0)
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]()
    this.#timer = undefined
  }

  #wait(ms: number): void {
    this[Symbol.dispose]()
    this.#timer = this.#clock.setTimeout(() => this.#look(), ms)
  }

  #look(): void {
    const isBusy = this.#usage.isBusy()
    const leftMs = this.#usage.lastUsedAt() + this.#keepAliveMs - this.#clock.now()
    if (!isBusy && leftMs <= 0) return this.#usage.unused()
    // A call that ends later than now leaves more than this; what is left then is waited for.
    if (isBusy && this.#keepAliveMs > 0) this.#wait(this.#keepAliveMs)
    if (!isBusy) this.#wait(leftMs)
  }
}
