import { setInterval as ticks } from 'node:timers/promises'
import { type ChaosCall, callsOf } from './traffic.ts'

/** What a run is: so many calls, so many a second, and a seed from which traffic and faults follow. */
export interface ChaosPlan {
  calls: number
  callsPerSecond: number
  seed: number
}

const TICK_MS = 10

/** Makes the calls of a plan at an even rate, whatever becomes of them. Resolves when the last one has been made. */
export async function makeCalls(
  { calls, callsPerSecond, seed }: ChaosPlan,
  { call, now }: { call: (call: ChaosCall) => void; now: () => number },
  signal: AbortSignal,
): Promise<void> {
  const startedAt = now()
  const traffic = callsOf(seed)
  let made = 0
  for await (const _ of ticks(TICK_MS, undefined, { signal })) {
    const due = Math.min(calls, Math.floor(((now() - startedAt) / 1_000) * callsPerSecond))
    for (; made < due; made++) call(traffic.next().value)
    if (made === calls) return
  }
}
