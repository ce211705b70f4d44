import type { Latencies } from './measure-latency.ts'
import type { Throughput } from './measure-throughput.ts'
import type { Targets } from './stage.ts'

/** How many calls are in flight at once when a path is loaded. */
export const CONCURRENCIES = [1, 10, 100, 1_000] as const
type Concurrency = (typeof CONCURRENCIES)[number]

/** One load of each path at each concurrency, per round. */
export type Loads = Record<keyof Targets, Record<Concurrency, Throughput[]>>

/** Everything that was measured. Memory is in bytes. */
export interface Results {
  titles: Record<string, string>
  latencies: Latencies
  loads: Loads
  memory: { idle: number | undefined; after: number | undefined }
}

/** What several rounds of one load say together: the median of their rates, and every error. */
export function combineLoads(rounds: readonly Throughput[]): Throughput {
  const rates = rounds.map(({ callsPerSecond }) => callsPerSecond).toSorted((a, b) => a - b)
  return {
    callsPerSecond: rates[Math.floor(rates.length / 2)] ?? Number.NaN,
    errors: rounds.reduce((sum, { errors }) => sum + errors, 0),
  }
}
