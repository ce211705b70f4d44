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

/** What several rounds of one load say together: the medians of their rates and costs, and every error. */
export function combineLoads(rounds: readonly Throughput[]): Throughput {
  const median = (figures: number[]) => figures.toSorted((a, b) => a - b)[Math.floor(figures.length / 2)] ?? Number.NaN
  return {
    callsPerSecond: median(rounds.map(({ callsPerSecond }) => callsPerSecond)),
    cpuMs: median(rounds.map(({ cpuMs }) => cpuMs)),
    errors: rounds.reduce((sum, { errors }) => sum + errors, 0),
  }
}
