import type { LatencyPlan } from './measure-latency.ts'

/** How long to measure everything. */
export interface Plan {
  latency: LatencyPlan
  /** Opening a thousand connections takes longer than loading them: those have rounds of their own, the first ones. */
  load: { rounds: number; roundsOfMost: number; durationMs: number }
}

// A worker lives for days: it is measured as it is once its code has been optimised, some 10,000 calls after its start.

/** Two minutes on two cores; three on slow ones, with fewer rounds. */
export const THOROUGH: Plan = {
  latency: { rounds: 12, roundsMs: 75_000, calls: 1_000, processCalls: 5, warmUpCalls: 20_000, warmUpMs: 5_000 },
  load: { rounds: 5, roundsOfMost: 2, durationMs: 500 },
}

/** Twenty seconds, and noisier. */
export const QUICK: Plan = {
  latency: { rounds: 3, roundsMs: 75_000, calls: 250, processCalls: 1, warmUpCalls: 10_000, warmUpMs: 1_000 },
  load: { rounds: 3, roundsOfMost: 1, durationMs: 100 },
}
