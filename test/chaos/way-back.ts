/** How long calls took to come back to the worker each time it had returned. Milliseconds. */
export interface WaysBack {
  /** From the first answer of `/health` to the next call the worker answered, once per return. */
  times: number[]
  /** Returns that the next fault ended before any call had come back: how long each lasted. */
  cutShort: number[]
}

/** Times the way back to the worker after each of its returns. */
export class WayBack {
  readonly #ways: WaysBack = { times: [], cutShort: [] }
  #returnedAt: number | undefined

  /** `/health` has answered for the first time after a fault. */
  workerReturned(now: number): void {
    this.#returnedAt = now
  }

  workerAnswered(now: number): void {
    if (this.#returnedAt === undefined) return
    this.#ways.times.push(now - this.#returnedAt)
    this.#returnedAt = undefined
  }

  /** The next fault strikes. */
  workerLeft(now: number): void {
    if (this.#returnedAt !== undefined) this.#ways.cutShort.push(now - this.#returnedAt)
    this.#returnedAt = undefined
  }

  close(): WaysBack {
    return this.#ways
  }
}

/** The longest time a worker was back and had to wait for a call, whether one came or not. */
export function longestWayBack({ times, cutShort }: WaysBack): number {
  return Math.max(0, ...times, ...cutShort)
}
