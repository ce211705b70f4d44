/** How much may be spent: so much at once, and so much a second from then on. */
export interface AllowanceLimits {
  readonly burst: number
  readonly perSecond: number
}

/** What is done in one turn of the event loop. What comes back meanwhile counts in the next one. */
export interface Turn {
  /** Whether almost all that there can be is left. */
  isAmple(): boolean
  /** Whether so much was spent in it that others should have theirs. */
  isOver(): boolean
}

const TURNS_A_BURST = 256
const AMPLE_SHARE = 15 / 16
// Whoever spent all of it rests at least so long, and then has a little to go on with.
const SHORTEST_REST_MS = 20
const LONGEST_REST_S = 4

/** What may be spent of something, which comes back with time. */
export class Allowance {
  readonly #limits: AllowanceLimits
  readonly #now: () => number
  #left: number
  #refilledAt: number

  /** `now` in milliseconds of any clock that never runs backwards. */
  constructor(limits: AllowanceLimits, now: () => number) {
    this.#limits = limits
    this.#now = now
    this.#left = limits.burst
    this.#refilledAt = now()
  }

  /** How much is left; less than nothing where more was spent than there was. */
  left(): number {
    const now = this.#now()
    this.earn(((now - this.#refilledAt) / 1_000) * this.#limits.perSecond)
    this.#refilledAt = now
    return this.#left
  }

  /** Begins a turn, in which a small part of what can be spent at once may be spent. */
  beginTurn(): Turn {
    const { burst } = this.#limits
    const enough = this.left() - burst / TURNS_A_BURST
    return { isOver: () => this.#left < enough, isAmple: () => this.#left > burst * AMPLE_SHARE }
  }

  /** Spends more than there is, too, but is never more in debt than comes back in a few seconds. */
  spend(amount: number): void {
    this.#left = Math.max(this.#left - amount, -this.#limits.perSecond * LONGEST_REST_S)
  }

  earn(amount: number): void {
    this.#left = Math.min(this.#left + amount, this.#limits.burst)
  }

  /** How long nothing more should be spent, in milliseconds; 0 while something is left. */
  restMs(): number {
    if (this.#left > 0) return 0
    const left = this.left()
    if (left > 0) return 0
    return Math.max(SHORTEST_REST_MS, Math.ceil((-left / this.#limits.perSecond) * 1_000))
  }
}
