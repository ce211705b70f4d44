/** Times of calls in milliseconds, one list per round. */
export type Rounds = readonly (readonly number[])[]

/** What a list of times says. Milliseconds; the spread is that of the rounds' own medians. */
export interface Summary {
  calls: number
  p50: number
  p90: number
  p99: number
  lowestRoundP50: number
  highestRoundP50: number
}

/** One median against another: the ratio of the medians over all rounds, and the lowest and highest of any single round. */
export interface Ratio {
  ratio: number
  lowest: number
  highest: number
}

/** The smallest time that at least this fraction (0..1) of all times does not exceed. NaN when there are none. */
export function percentile(times: readonly number[], fraction: number): number {
  return percentileOfSorted(toSorted(times), fraction)
}

/** Percentiles over all rounds together. */
export function summarize(rounds: Rounds): Summary {
  const times = toSorted(rounds.flat())
  const medians = rounds.map((round) => percentile(round, 0.5))
  return {
    calls: times.length,
    p50: percentileOfSorted(times, 0.5),
    p90: percentileOfSorted(times, 0.9),
    p99: percentileOfSorted(times, 0.99),
    lowestRoundP50: Math.min(...medians),
    highestRoundP50: Math.max(...medians),
  }
}

/** How many times longer `over` took than `under`. Rounds that belong together stand at the same place in both. */
export function ratioOfMedians(over: Rounds, under: Rounds): Ratio {
  const single = over.map((round, index) => percentile(round, 0.5) / percentile(under[index] ?? [], 0.5))
  return {
    ratio: percentile(over.flat(), 0.5) / percentile(under.flat(), 0.5),
    lowest: Math.min(...single),
    highest: Math.max(...single),
  }
}

function toSorted(times: readonly number[]): Float64Array {
  return Float64Array.from(times).toSorted()
}

function percentileOfSorted(times: Float64Array, fraction: number): number {
  return times[Math.max(0, Math.ceil(fraction * times.length) - 1)] ?? Number.NaN
}
