import type { Clock } from './clock.ts'

/** Most calls are over by then, and so it is known whose call asks. A server may not wait much longer for its answer. */
const MAX_HOLD_MS = 10_000
/** When one is given up its call goes on, and mostly ends: of the others it may be known then whom they are for. */
const NEXT_HOLD_MS = 1_000

/** How long questions are held of which it cannot be told yet whom they are for. They are given up one after another, the oldest first. */
export class QuestionHolds implements Disposable {
  readonly #clock: Clock
  readonly #giveUp: (questionId: number) => void
  /** When each is due, oldest first. */
  readonly #dueAt = new Map<number, number>()
  #timer: Disposable | undefined

  /** `giveUp` is called with each question that was held for too long; it is to be released then. */
  constructor(clock: Clock, giveUp: (questionId: number) => void) {
    this.#clock = clock
    this.#giveUp = giveUp
  }

  hold(questionId: number): void {
    this.#dueAt.set(questionId, this.#clock.now() + MAX_HOLD_MS)
    if (this.#dueAt.size === 1) this.#wait()
  }

  release(questionId: number): void {
    const [oldest] = this.#dueAt.keys()
    this.#dueAt.delete(questionId)
    if (questionId === oldest) this.#wait()
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]()
  }

  #wait(): void {
    this[Symbol.dispose]()
    const [oldest] = this.#dueAt
    if (oldest === undefined) return
    const [questionId, dueAt] = oldest
    this.#timer = this.#clock.setTimeout(() => this.#due(questionId), dueAt - this.#clock.now())
  }

  #due(questionId: number): void {
    const earliest = this.#clock.now() + NEXT_HOLD_MS
    for (const [other, dueAt] of this.#dueAt) this.#dueAt.set(other, Math.max(dueAt, earliest))
    this.#giveUp(questionId)
  }
}
