/** Told when an endpoint no longer answers as it should, once, and when it does again. */
export interface HealthObserver {
  lost(reason: string): void
  back(): void
}

/** Whether an endpoint answers, as far as its last answer tells. */
export class EndpointHealth {
  readonly #observer: HealthObserver
  #reason: string | undefined

  constructor(observer: HealthObserver) {
    this.#observer = observer
  }

  /** Why it is not to be asked by those who cannot wait; undefined where it answers. */
  get whyLost(): string | undefined {
    return this.#reason
  }

  succeeded(): void {
    if (this.#reason !== undefined) this.#observer.back()
    this.#reason = undefined
  }

  failed(reason: string): void {
    if (this.#reason === undefined) this.#observer.lost(reason)
    this.#reason = reason
  }
}
