import { type FittedLine, fitLine } from '../../support/least-squares.ts'
import { type ChaosPromise, none } from '../promises.ts'
import type { SoakOutcome, SoakSample } from './soak.ts'

/** What a worker takes until it has seen everything once says nothing about its growth. */
export const WARM_UP_SHARE = 0.5
const MOST_BYTES_PER_1000_CALLS = 1_000
// How calls end is counted in maps; what clients happen to bring about for the first time stays there.
const FIRST_SEEN = 2

/** What of a sample a line is laid through. */
export type Fitted = 'live' | 'resident' | 'entries' | 'descriptors'

const FIGURES: Record<Fitted, (sample: SoakSample) => number> = {
  live: ({ heapUsed, external }) => heapUsed + external,
  resident: ({ resident }) => resident,
  entries: ({ entries }) => entries,
  descriptors: ({ descriptors }) => descriptors,
}

/** How much of something is added by 1,000 calls, by the samples of a warm worker. */
export function growthPer1000Calls({ samples }: SoakOutcome, of: Fitted): FittedLine {
  const warm = samples.slice(firstWarm(samples))
  return fitLine(warm.map((sample) => [sample.calls / 1_000, FIGURES[of](sample)]))
}

/** What is promised of a worker that works for long. */
export function soakPromises(outcome: SoakOutcome): ChaosPromise[] {
  const { samples, failed, left } = outcome
  const warm = firstWarm(samples)
  const more = (of: 'entries' | 'descriptors' | 'timers', since: number) =>
    Math.max(0, (samples.at(-1)?.[of] ?? Number.NaN) - (samples[since]?.[of] ?? Number.NaN))
  return [
    {
      what: 'growth per 1,000 calls',
      unit: 'bytes',
      must: MOST_BYTES_PER_1000_CALLS,
      measured: growthPer1000Calls(outcome, 'live').slope,
    },
    none('failed calls', failed),
    none('clients and calls still known to the worker', left),
    {
      what: 'things more in its maps and sets than when it was warm',
      unit: 'count',
      must: FIRST_SEEN,
      measured: more('entries', warm),
    },
    none('timers more than when it was warm', more('timers', warm)),
    none('descriptors more than at the start', more('descriptors', 0)),
  ]
}

function firstWarm(samples: readonly SoakSample[]): number {
  return Math.round(WARM_UP_SHARE * (samples.length - 1))
}
