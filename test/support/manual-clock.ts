import type { Clock } from '../../worker-service/server-pool/clock.ts'

/** A clock that stands still until it is moved. */
export class ManualClock implements Clock {
  #now = 1_000_000
  readonly #timers = new Map<object, { dueAt: number; callback: () => void }>()

  now(): number {
    return this.#now
  }

  setTimeout(callback: () => void, delayMs: number): Disposable {
    const timer = { [Symbol.dispose]: () => void this.#timers.delete(timer) }
    this.#timers.set(timer, { dueAt: this.#now + delayMs, callback })
    return timer
  }

  /** Moves the time on as a sleep of the machine does: what is due meanwhile is so late. */
  async sleep(ms: number): Promise<void> {
    this.#now += ms
    await this.advance(0)
  }

  /** How many timers wait. */
  get waiting(): number {
    return this.#timers.size
  }

  /** Moves the time on, timer by timer; after each the promises that it settled are followed. */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms
    await settle()
    for (let next = this.#nextBefore(until); next !== undefined; next = this.#nextBefore(until)) {
      const [timer, { dueAt, callback }] = next
      this.#timers.delete(timer)
      this.#now = Math.max(this.#now, dueAt)
      callback()
      await settle()
    }
    this.#now = until
    await settle()
  }

  #nextBefore(until: number) {
    const due = [...this.#timers].filter(([, { dueAt }]) => dueAt <= until)
    return due.toSorted(([, a], [, b]) => a.dueAt - b.dueAt)[0]
  }
}

/** Lets every promise that can settle now do so. */
export async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
}

/** Lets what is done in many turns of the event loop be done. */
export async function settleOften(): Promise<void> {
  for (let turn = 0; turn < 500; turn++) await settle()
}
