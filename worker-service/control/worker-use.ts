/** Whether anybody uses the worker, as a client or with a call, and when somebody last did. */
export class WorkerUse {
  readonly #now: () => number
  #users = 0
  #lastUsedAt: number

  /** `now` gives milliseconds of the clock by which it is asked how long ago. */
  constructor(now: () => number) {
    this.#now = now
    this.#lastUsedAt = now()
  }

  begin(): void {
    this.#users++
  }

  end(): void {
    this.#users--
    this.#lastUsedAt = this.#now()
  }

  isBusy(): boolean {
    return this.#users > 0
  }

  lastUsedAt(): number {
    return this.#lastUsedAt
  }
}
