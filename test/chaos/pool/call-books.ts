import type { Message } from '../../support/fake-servers.ts'

/** What became of the calls of all clients of a run. */
export interface CallTally {
  /** Calls that got their own answer, once, under their own id. */
  answered: number
  /** Calls that were taken back before they were answered. */
  cancelled: number
  /** Answers to another call, another client's, under an id of another type, or to a call that was settled as cancelled. */
  wrong: number
  answeredTwice: number
  /** Errors for answers. */
  errors: string[]
  /** Progress of a call that its client has not in flight. */
  wrongProgress: number
}

/** A tally of nothing. */
export function createCallTally(): CallTally {
  return { answered: 0, cancelled: 0, wrong: 0, answeredTwice: 0, errors: [], wrongProgress: 0 }
}

const MAX_ERRORS = 100

/** Keeps the books of one client: every call gets its own answer, known by its token, under the very id it has, once. */
export class CallBooks {
  readonly #tally: CallTally
  readonly #open = new Map<unknown, string>()
  readonly #lastAnswered = new Map<unknown, string>()

  constructor(tally: CallTally) {
    this.#tally = tally
  }

  /** A call is sent. Its id, which may be used again afterwards, is also its progress token where it has one. */
  sent(id: string | number, token: string): void {
    this.#open.set(id, token)
  }

  /** Whether this very call waits for its answer. */
  isOpen(id: string | number, token: string): boolean {
    return this.#open.get(id) === token
  }

  /** No answer may come to a call that was cancelled; where one came before the cancel did, nothing happens. */
  settledCancelled(id: string | number): void {
    if (this.#open.delete(id)) this.#tally.cancelled++
  }

  /** Books an answer; returns whether it closed a call. */
  answered({ id, result, error }: Message): boolean {
    const tally = this.#tally
    const token = this.#open.get(id)
    const isOwn = token !== undefined && (error !== undefined || result?.token === token)
    if (!isOwn) {
      const isSecond = this.#lastAnswered.has(id) && result?.token === this.#lastAnswered.get(id)
      if (isSecond) tally.answeredTwice++
      else tally.wrong++
      return false
    }
    this.#open.delete(id)
    this.#lastAnswered.set(id, token)
    if (error === undefined) tally.answered++
    else if (tally.errors.push(JSON.stringify(error)) > MAX_ERRORS) tally.errors.length = MAX_ERRORS
    return true
  }

  /** Books a progress notification. */
  progressed({ params }: Message): void {
    const { progressToken, message } = params ?? {}
    if (message === undefined || this.#open.get(progressToken) !== message) this.#tally.wrongProgress++
  }
}
