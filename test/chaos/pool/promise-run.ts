import type { ChaosPromise } from '../promises.ts'

/** How a promise is put to the test. */
export interface RunPlan {
  /** Decides every random choice: the same seed, the same run. */
  readonly seed: number
  /** Which part of the full size is run, above 0 to 1. */
  readonly scale: number
  /** The `PATH` of what is started. */
  readonly searchPath: string
  /** Says how far the run is. */
  readonly say: (text: string) => void
  /** Adds a line to the report, above the promises: what was seen besides. */
  readonly note: (line: string) => void
}

/** One of the promises about the pool, and the run that tries to break it. */
export interface PromiseRun {
  readonly id: string
  /** What is promised, in a few words. */
  readonly title: string
  /** What will be done, before it is done: a few short lines. */
  readonly schedule: (plan: RunPlan) => string[]
  /** Resolves with what was measured. Rejects with the signal's reason, and where the run itself could not be made. */
  readonly run: (plan: RunPlan, signal: AbortSignal) => Promise<ChaosPromise[]>
}

/** The scale of a run that is there to show that it works, as tests and `--short` have it. */
export const SHORT_SCALE = 0.01

/** How much of something is done in a run, at least `fewest`. */
export function sizeOf(full: number, { scale }: Pick<RunPlan, 'scale'>, fewest = 1): number {
  return Math.max(fewest, Math.round(full * scale))
}
