import type { ChaosOutcome } from './run-chaos.ts'
import { longestWayBack } from './way-back.ts'

/** One promise of a chaos run: at most `must` of something. */
export interface ChaosPromise {
  what: string
  unit: 'count' | 'ms'
  must: number
  measured: number
}

const MOST_ONE_SHOTS = 4
const WAY_BACK_MS = 1_000

/** What is promised, with what was measured. */
export function promisesOf(outcome: ChaosOutcome): ChaosPromise[] {
  const { ledger, waysBack, mostOneShots, leftBehind } = outcome
  return [
    { what: 'failed calls', unit: 'count', must: 0, measured: ledger.failures.length },
    { what: 'answered twice', unit: 'count', must: 0, measured: ledger.answeredTwice },
    { what: 'answered with a wrong id', unit: 'count', must: 0, measured: ledger.wrongId },
    { what: 'one-shots alive at once', unit: 'count', must: MOST_ONE_SHOTS, measured: mostOneShots },
    { what: 'longest way back to the worker', unit: 'ms', must: WAY_BACK_MS, measured: longestWayBack(waysBack) },
    { what: 'processes left behind', unit: 'count', must: 0, measured: leftBehind },
  ]
}

/** Whether a promise was kept. */
export function isKept({ must, measured }: ChaosPromise): boolean {
  return measured <= must
}
