import { answersRun } from './answers-run.ts'
import type { PromiseRun } from './promise-run.ts'

/** The runs of the promises about the pool, in their order. */
export const POOL_RUNS: readonly PromiseRun[] = [answersRun]
