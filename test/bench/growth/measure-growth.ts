import { cpuMs } from '../../support/process-cpu.ts'
import { takeTurns } from '../pool/measure.ts'
import type { Rounds } from '../samples.ts'
import type { MeasureOptions } from '../section.ts'
import { AXES, type Axis, type Scene } from './scenes.ts'

/** What the worker's processor did for a call, in milliseconds, one figure a round, with few and with many of some things. */
export interface Growth {
  readonly call: string
  readonly axis: Pick<Axis, 'things' | 'few' | 'many'>
  readonly few: Rounds
  readonly many: Rounds
}

/** How long to measure: calls of each turn, at most for so long. */
interface GrowthPlan {
  readonly rounds: number
  readonly calls: number
  readonly turnMs: number
  readonly warmUpTurns: number
}

const THOROUGH: GrowthPlan = { rounds: 9, calls: 2_000, turnMs: 2_000, warmUpTurns: 5 }
const QUICK: GrowthPlan = { rounds: 5, calls: 1_000, turnMs: 250, warmUpTurns: 5 }

/** Measures every call on every axis: few and many in turns, each a worker of its own. */
export async function measureGrowth({ quick, say }: MeasureOptions, signal: AbortSignal): Promise<Growth[]> {
  const results: Growth[] = []
  for (const axis of AXES) {
    say(`${axis.many} ${axis.things}`)
    results.push(...(await measureAxis(axis, quick ? QUICK : THOROUGH, signal)))
  }
  return results
}

async function measureAxis(axis: Axis, plan: GrowthPlan, signal: AbortSignal): Promise<Growth[]> {
  await using few = await axis.open(axis.few)
  await using many = await axis.open(axis.many)
  const results: Growth[] = []
  for (const call of Object.keys(few.calls)) {
    const contestants = [
      { path: 'few', scene: few },
      { path: 'many', scene: many },
    ] as const
    const turn = async ({ scene: { pid, calls } }: { scene: Scene }) => [
      await costOfCall({ pid, call: calls[call] as () => Promise<void> }, plan, signal),
    ]
    await takeTurns(contestants, plan.warmUpTurns, turn)
    const times: Pick<Growth, 'few' | 'many'> = await takeTurns(contestants, plan.rounds, turn)
    results.push({ call, axis, ...times })
  }
  return results
}

async function costOfCall(
  { pid, call }: { pid: number; call: () => Promise<void> },
  { calls, turnMs }: Pick<GrowthPlan, 'calls' | 'turnMs'>,
  signal: AbortSignal,
): Promise<number> {
  const before = cpuMs(pid) ?? Number.NaN
  const endsAt = performance.now() + turnMs
  let made = 0
  while (made < calls && performance.now() < endsAt) {
    signal.throwIfAborted()
    await call()
    made++
  }
  return ((cpuMs(pid) ?? Number.NaN) - before) / made
}
