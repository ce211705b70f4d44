import { percentile } from '../../bench/samples.ts'
import { seededRandom } from '../seeded-random.ts'
import { type LoadRound, p99Of } from './steady-load.ts'

/** How many times as high one p99 is as another: over all calls, and what it is at least and at most with 95 % certainty. */
export interface RatioOfP99 {
  readonly ratio: number
  readonly atLeast: number
  readonly atMost: number
}

const DRAWS = 1_000
const SEED = 1

/**
 * The p99 of some rounds against that of others. A p99 is made by a few stalls that each hit several calls at once, so it is rounds that
 * are drawn again and again, with repeats, to see how much of the ratio is chance.
 */
export function ratioOfP99(over: readonly LoadRound[], under: readonly LoadRound[]): RatioOfP99 {
  const random = seededRandom(SEED)
  const drawn = (rounds: readonly LoadRound[]) =>
    rounds.flatMap(() => rounds[Math.floor(random() * rounds.length)] ?? [])
  const ratios = Array.from({ length: DRAWS }, () => p99Of(drawn(over)) / p99Of(drawn(under)))
  return { ratio: p99Of(over) / p99Of(under), atLeast: percentile(ratios, 0.025), atMost: percentile(ratios, 0.975) }
}
