import { childrenOf, commandOf } from '../support/processes.ts'

const SAMPLE_INTERVAL_MS = 4

/** Counts the living one-shots of a front every few milliseconds. */
export class OneShotCensus implements Disposable {
  readonly #timer: NodeJS.Timeout
  #most = 0

  constructor(frontPid: number) {
    this.#timer = setInterval(() => {
      this.#most = Math.max(this.#most, countOneShots(frontPid))
    }, SAMPLE_INTERVAL_MS)
  }

  /** The most that were alive at one time. */
  get most(): number {
    return this.#most
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }
}

function countOneShots(frontPid: number): number {
  return childrenOf(frontPid).filter((pid) => commandOf(pid).includes('one-shot.cjs')).length
}
