import type { StartedRequest } from '../routing/outbox.ts'
import type { Clock } from './clock.ts'

/** A request in flight. Times are of the clock. */
export interface InFlightRequest {
  readonly clientId: string | undefined
  readonly method: string
  /** The tool or prompt, where there is one. */
  readonly name: string | undefined
  readonly startedAt: number
  dueAt: number
}

/** How long a request may take, in milliseconds. */
export interface Deadlines {
  /** Without an answer or progress. */
  readonly timeoutMs: number
  /** In all, however much progress is told. */
  readonly hardCapMs: number
}

// A timer that is so late was not late: the process, or the whole machine, was asleep.
const OVERSLEPT_MS = 2_000
// What was answered meanwhile is still in the pipe then.
const GRACE_MS = 1_000

/**
 * The requests in flight and their deadlines. One timer serves them all: it is set for the earliest and looks through the rest when it
 * fires, so that a request that is answered in time costs an entry of a map and no timer. Deadlines that passed in our sleep are looked
 * at a second after it.
 */
export class InFlight implements Disposable {
  readonly #clock: Clock
  readonly #expire: (requestId: number) => void
  readonly #requests = new Map<number, InFlightRequest>()
  #clientRequests = 0
  #timer: Disposable | undefined
  #timerDueAt = Number.POSITIVE_INFINITY

  /** `expire` is called with each request whose deadline has passed; it stays in flight until it is finished. */
  constructor(clock: Clock, expire: (requestId: number) => void) {
    this.#clock = clock
    this.#expire = expire
  }

  /** How many requests of clients there are; what is asked of our own accord does not count. */
  get clientRequests(): number {
    return this.#clientRequests
  }

  /** Takes a request on; returns the time it was. */
  start({ requestId, clientId, method, name }: StartedRequest, { timeoutMs }: Deadlines): number {
    const startedAt = this.#clock.now()
    const dueAt = startedAt + timeoutMs
    this.#requests.set(requestId, { clientId, method, name, startedAt, dueAt })
    if (clientId !== undefined) this.#clientRequests++
    this.#wakeAt(dueAt)
    return startedAt
  }

  /** The server told of progress with a request: its deadline is counted anew, up to the hard cap. */
  progressed(requestId: number, { timeoutMs, hardCapMs }: Deadlines): void {
    const request = this.#requests.get(requestId)
    if (request === undefined) return
    request.dueAt = Math.min(this.#clock.now() + timeoutMs, request.startedAt + hardCapMs)
  }

  /** Forgets a request and gives what was known of it. */
  finish(requestId: number): InFlightRequest | undefined {
    const request = this.#requests.get(requestId)
    if (request === undefined) return undefined
    this.#requests.delete(requestId)
    if (request.clientId !== undefined) this.#clientRequests--
    return request
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]()
    this.#timer = undefined
    this.#timerDueAt = Number.POSITIVE_INFINITY
  }

  #wakeAt(dueAt: number): void {
    if (dueAt >= this.#timerDueAt) return
    this.#timer?.[Symbol.dispose]()
    this.#timerDueAt = dueAt
    this.#timer = this.#clock.setTimeout(() => this.#lookThrough(), dueAt - this.#clock.now())
  }

  #lookThrough(): void {
    const now = this.#clock.now()
    const hasOverslept = now - this.#timerDueAt > OVERSLEPT_MS
    this[Symbol.dispose]()
    if (hasOverslept) return this.#wakeAt(now + GRACE_MS)
    let earliest = Number.POSITIVE_INFINITY
    for (const [requestId, { dueAt }] of this.#requests) {
      if (dueAt <= now) this.#expire(requestId)
      else earliest = Math.min(earliest, dueAt)
    }
    if (earliest < Number.POSITIVE_INFINITY) this.#wakeAt(earliest)
  }
}
