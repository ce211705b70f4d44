import { cpuMs } from '../../support/process-cpu.ts'
import { takeTurns } from '../pool/measure.ts'
import type { Rounds } from '../samples.ts'
import type { MeasureOptions } from '../section.ts'
import { together } from '../together.ts'
import { AXES, type Axis, type Scene } from './scenes.ts'

/** What the worker's processor did for a call, in milliseconds, one figure a round, with few and with many of some things. */
export interface Growth {
  readonly call: string
  readonly axis: Pick<Axis, 'things' | 'few' | 'many'>
  readonly few: Rounds
  readonly many: Rounds
  /** The same of a program that only passes bytes on, where there is one. */
  readonly floor?: Readonly<Record<'few' | 'many', Rounds>>
}

/** How long to measure: calls of each turn, at most for so long. */
interface GrowthPlan {
  readonly rounds: number
  readonly calls: number
  readonly turnMs: number
  readonly warmUpTurns: number
  /** Whether to look at what only passes bytes on as well. */
  readonly floors: boolean
}

const THOROUGH: GrowthPlan = { rounds: 9, calls: 2_000, turnMs: 2_000, warmUpTurns: 5, floors: true }
const QUICK: GrowthPlan = { rounds: 4, calls: 500, turnMs: 100, warmUpTurns: 2, floors: false }

/** Measures every call on every axis: few and many in turns, each a worker of its own. */
export async function measureGrowth({ quick, say }: MeasureOptions, signal: AbortSignal): Promise<Growth[]> {
  const results: Growth[] = []
  for (const axis of AXES) {
    say(`${axis.many} ${axis.things}`)
    results.push(...(await measureAxis(axis, quick ? QUICK : THOROUGH, signal)))
  }
  return results
}

type Amount = 'few' | 'many' | 'floor few' | 'floor many'

async function measureAxis(axis: Axis, plan: GrowthPlan, signal: AbortSignal): Promise<Growth[]> {
  await using stack = new AsyncDisposableStack()
  const open = async (amount: number) => stack.use(await axis.open(amount))
  const openFloor = async (amount: number) =>
    plan.floors && axis.openFloor ? stack.use(await axis.openFloor(amount)) : undefined
  const [few, many, floorFew, floorMany] = await together([
    open(axis.few),
    open(axis.many),
    openFloor(axis.few),
    openFloor(axis.many),
  ])
  const floor = floorFew && floorMany && ([floorFew, floorMany] as const)
  const results: Growth[] = []
  for (const call of Object.keys(few.calls)) {
    const contestants: { path: Amount; scene: Scene }[] = [
      { path: 'few', scene: few },
      { path: 'many', scene: many },
    ]
    if (floor) contestants.push({ path: 'floor few', scene: floor[0] }, { path: 'floor many', scene: floor[1] })
    const turn = async ({ scene: { pid, calls } }: { scene: Scene }) => [
      await costOfCall({ pid, call: calls[call] as () => Promise<void> }, plan, signal),
    ]
    await takeTurns(contestants, plan.warmUpTurns, turn)
    const times = await takeTurns<Amount, (typeof contestants)[number]>(contestants, plan.rounds, turn)
    const floorTimes = floor && { floor: { few: times['floor few'], many: times['floor many'] } }
    results.push({ call, axis, few: times.few, many: times.many, ...floorTimes })
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
