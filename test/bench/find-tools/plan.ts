import type { LatencyPlan } from './measure-latency.ts'

/** How long to measure everything. */
export interface Plan {
  latency: LatencyPlan
  load: { rounds: number; durationMs: number }
}

/** About two minutes on two cores. */
export const THOROUGH: Plan = {
  latency: { rounds: 12, calls: 1_000, processCalls: 10, warmUpCalls: 5_000 },
  load: { rounds: 5, durationMs: 1_000 },
}

/** Under a minute, and noisier. */
export const QUICK: Plan = {
  latency: { rounds: 5, calls: 500, processCalls: 4, warmUpCalls: 3_000 },
  load: { rounds: 3, durationMs: 300 },
}
