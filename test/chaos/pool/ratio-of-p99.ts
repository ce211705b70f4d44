import { percentile } from '../../bench/samples.ts'
import { seededRandom } from '../seeded-random.ts'
import { type LoadRound, p99Of } from './steady-load.ts'

/** How many times as high one p99 is as another: over all calls, and what it is at least and at most with 95 % certainty. */
export interface RatioOfP99 {
  readonly ratio: number
  readonly atLeast: number
  readonly atMost: number
}

const DRAWS = 300
const SEED = 1
const CALLS_IN_A_RUN = 50

/**
 * The p99 of some rounds against that of others. A p99 is made by a few stalls that each hit several calls at once, so it is runs of calls
 * that are drawn again and again, with repeats, to see how much of the ratio is chance.
 */
export function ratioOfP99(over: readonly LoadRound[], under: readonly LoadRound[]): RatioOfP99 {
  const random = seededRandom(SEED)
  const [overs, unders] = [over.flatMap(runsOf), under.flatMap(runsOf)]
  const p99OfDrawn = (runs: readonly number[][]) => {
    const drawn = runs.flatMap(() => runs[Math.floor(random() * runs.length)] ?? [])
    return percentile(drawn, 0.99)
  }
  const ratios = Array.from({ length: DRAWS }, () => p99OfDrawn(overs) / p99OfDrawn(unders))
  return { ratio: p99Of(over) / p99Of(under), atLeast: percentile(ratios, 0.025), atMost: percentile(ratios, 0.975) }
}

function runsOf({ times }: LoadRound): number[][] {
  const runs = Math.ceil(times.length / CALLS_IN_A_RUN)
  return Array.from({ length: runs }, (_, run) => times.slice(run * CALLS_IN_A_RUN, (run + 1) * CALLS_IN_A_RUN))
}
