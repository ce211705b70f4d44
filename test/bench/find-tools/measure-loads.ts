import { measureThroughput } from './measure-throughput.ts'
import type { Plan } from './plan.ts'
import { CONCURRENCIES, type Loads } from './results.ts'
import type { Targets } from './stage.ts'

interface LoadsOptions {
  plan: Plan['load']
  now: () => number
  onRound: (round: number) => void
}

const MOST = Math.max(...CONCURRENCIES)

/** Loads every target at every concurrency, in rounds: at each concurrency one target right after the other. */
export async function measureLoads(
  targets: Targets,
  { plan, now, onRound }: LoadsOptions,
  signal: AbortSignal,
): Promise<Loads> {
  const loads: Loads = { direct: emptyLoads(), proxy: emptyLoads(), worker: emptyLoads(), 'worker-fresh': emptyLoads() }
  const paths = Object.keys(loads) as (keyof Loads)[]
  for (let round = 0; round < plan.rounds; round++) {
    onRound(round + 1)
    for (const concurrency of CONCURRENCIES) {
      if (concurrency === MOST && round >= plan.roundsOfMost) continue
      for (const path of paths) {
        signal.throwIfAborted()
        loads[path][concurrency].push(
          await measureThroughput(targets[path], { concurrency, durationMs: plan.durationMs, now }),
        )
      }
    }
  }
  return loads
}

function emptyLoads(): Loads[keyof Loads] {
  return { 1: [], 10: [], 100: [], 1_000: [] }
}
