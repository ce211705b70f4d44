import { ServiceError } from '../../shared/errors/service-error.ts'
import type { Clock } from './clock.ts'

/** Something that lives in a pool and takes up room there. */
export interface Occupant {
  readonly name: string
  /** When it was used last, while it is idle and could make room; undefined while it is not. */
  idleSince(): number | undefined
  /** Asks it to leave. It says when it has with {@link Room.leave}. */
  makeRoom(): void
}

interface Waiting {
  readonly occupant: Occupant
  readonly granted: PromiseWithResolvers<void>
}

const MAX_WAITING = 100

/**
 * The places of a pool. Where all are taken, the idle occupant that was used least recently makes room; where none is idle, those who
 * want in wait in the order they came.
 */
export class Room {
  readonly #clock: Clock
  readonly #occupants = new Set<Occupant>()
  readonly #leaving = new Set<Occupant>()
  readonly #waiting: Waiting[] = []
  #places: number

  constructor(places: number, clock: Clock) {
    this.#places = places
    this.#clock = clock
  }

  /** How many places are taken. */
  get taken(): number {
    return this.#occupants.size
  }

  /** Whether somebody waits for a place. */
  get isWanted(): boolean {
    return this.#waiting.length > 0
  }

  /** Changes how many places there are. Nobody is sent away for it before somebody else wants in. */
  resize(places: number): void {
    this.#places = places
    this.#seat()
  }

  /** Takes a place; rejects with `overloaded` when none became free within `timeoutMs`, or with the signal's reason. */
  async enter(occupant: Occupant, timeoutMs: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (this.#waiting.length >= MAX_WAITING) throw this.#overloaded(occupant)
    const waiting: Waiting = { occupant, granted: Promise.withResolvers() }
    this.#waiting.push(waiting)
    this.#seat()
    const giveUp = (reason: unknown) => {
      const place = this.#waiting.indexOf(waiting)
      if (place !== -1) this.#waiting.splice(place, 1)
      waiting.granted.reject(reason)
    }
    const cancel = () => giveUp(signal.reason)
    signal.addEventListener('abort', cancel, { once: true })
    using _ = this.#clock.setTimeout(() => giveUp(this.#overloaded(occupant)), timeoutMs)
    await waiting.granted.promise.finally(() => signal.removeEventListener('abort', cancel))
  }

  /** Gives a place back; nothing happens where it had none. */
  leave(occupant: Occupant): void {
    this.#leaving.delete(occupant)
    if (this.#occupants.delete(occupant)) this.#seat()
  }

  /** An occupant has become idle: it makes room where somebody waits. */
  becameIdle(): void {
    if (this.isWanted) this.#askToLeave()
  }

  #seat(): void {
    while (this.#waiting.length > 0 && this.#occupants.size < this.#places) {
      const next = this.#waiting.shift()
      if (next === undefined) return
      this.#occupants.add(next.occupant)
      next.granted.resolve()
    }
    this.#askToLeave()
  }

  /** Asks as many to leave as are waited for. */
  #askToLeave(): void {
    while (this.#leaving.size < this.#waiting.length) {
      const idlest = this.#idlest()
      if (idlest === undefined) return
      this.#leaving.add(idlest)
      idlest.makeRoom()
    }
  }

  #idlest(): Occupant | undefined {
    let idlest: Occupant | undefined
    let since = Number.POSITIVE_INFINITY
    for (const occupant of this.#occupants) {
      const idleSince = this.#leaving.has(occupant) ? undefined : occupant.idleSince()
      if (idleSince === undefined || idleSince >= since) continue
      idlest = occupant
      since = idleSince
    }
    return idlest
  }

  #overloaded({ name }: Occupant): ServiceError {
    const live = `${this.#occupants.size} servers live, as many as may, and all are busy`
    const message = `server "${name}": there is no room: ${live}. Raise "pool.maxSize", or try again.`
    return new ServiceError('overloaded', message, { retryAfterMs: 1_000 })
  }
}
