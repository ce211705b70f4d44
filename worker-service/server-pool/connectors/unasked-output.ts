import { Allowance } from './allowance.ts'

// What nobody asked a server for is read at this pace: a frame counts as so many bytes at least, what is skipped as fewer, and each
// answer makes up for a few.
const LIMITS = { burst: 4 * 1024 * 1024, perSecond: 2 * 1024 * 1024 }
const MIN_FRAME_COST_BYTES = 1_024
const MIN_SKIPPED_COST_BYTES = 128
const FRAMES_PER_ANSWER = 4

/** How much of what a server sends that answers nothing is read in a time, so that one that floods slows down itself and nobody else. */
export class UnaskedOutput extends Allowance {
  /** `now` in milliseconds of any clock that never runs backwards. */
  constructor(now: () => number) {
    super(LIMITS, now)
  }

  /** A frame of so many bytes was taken, which did or did not end a request. */
  tookFrame(bytes: number, isAnswer: boolean): void {
    if (isAnswer) this.earn(FRAMES_PER_ANSWER * MIN_FRAME_COST_BYTES)
    else this.spend(Math.max(bytes, MIN_FRAME_COST_BYTES))
  }

  /** Something was skipped that was no frame. */
  skipped(bytes: number): void {
    this.spend(Math.max(bytes, MIN_SKIPPED_COST_BYTES))
  }
}
