import { residentBytes } from '../../support/process-memory.ts'
import type { Progress } from '../progress.ts'
import { measureLatency } from './measure-latency.ts'
import { measureLoads } from './measure-loads.ts'
import type { Plan } from './plan.ts'
import type { Results } from './results.ts'
import { openStage } from './stage.ts'

interface BenchOptions {
  plan: Plan
  /** The `PATH` of what is started. */
  searchPath: string
  say: Progress['say']
}

const now = () => performance.now()

/** Starts everything, measures it, and ends it again. */
export async function runBench({ plan, searchPath, say }: BenchOptions, signal: AbortSignal): Promise<Results> {
  say('starting selectors, workers and a front')
  await using stage = await openStage(searchPath)
  const { contestants, targets, workerPid } = stage
  const idle = residentBytes(workerPid)
  const onRound = (round: number) => say(`one call after another, round ${round} of ${plan.latency.rounds}`)
  const latencies = await measureLatency(contestants, { plan: plan.latency, now, onRound }, signal)
  const onLoadRound = (round: number) => say(`many calls at once, round ${round} of ${plan.load.rounds}`)
  const loads = await measureLoads(targets, { plan: plan.load, now, onRound: onLoadRound }, signal)
  const titles = Object.fromEntries(contestants.map(({ path, title }) => [path, title]))
  return { titles, latencies, loads, memory: { idle, after: residentBytes(workerPid) } }
}
