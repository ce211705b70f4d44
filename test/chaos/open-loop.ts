import { setInterval as ticks } from 'node:timers/promises'
import { type ChaosCall, callsOf } from './traffic.ts'

/** So many of something, so many a second. */
interface Pace {
  calls: number
  callsPerSecond: number
}

/** What a run is: so many calls, so many a second, and a seed from which traffic and faults follow. */
export interface ChaosPlan extends Pace {
  seed: number
}

interface Caller {
  call: () => void
  now: () => number
}

const TICK_MS = 10

/** Calls at an even rate, whatever becomes of the calls. Resolves when the last one has been made. */
export async function keepPace(
  { calls, callsPerSecond }: Pace,
  { call, now }: Caller,
  signal: AbortSignal,
): Promise<void> {
  const startedAt = now()
  let made = 0
  for await (const _ of ticks(TICK_MS, undefined, { signal })) {
    const due = Math.min(calls, Math.floor(((now() - startedAt) / 1_000) * callsPerSecond))
    for (; made < due; made++) call()
    if (made === calls) return
  }
}

/** Makes the calls of a plan. */
export async function makeCalls(
  plan: ChaosPlan,
  { call, now }: { call: (call: ChaosCall) => void; now: () => number },
  signal: AbortSignal,
): Promise<void> {
  const traffic = callsOf(plan.seed)
  await keepPace(plan, { call: () => call(traffic.next().value), now }, signal)
}
