import type { Contestant, Path } from './contestant.ts'

/** How long to measure. Calls are per contestant and round. A warm-up ends after so many calls, or so much time where that is over first; no round begins when `roundsMs` are over. */
export interface LatencyPlan {
  rounds: number
  roundsMs: number
  calls: number
  processCalls: number
  warmUpCalls: number
  warmUpMs: number
}

/** Times of every path in milliseconds, one list per round. */
export type Latencies = Partial<Record<Path, number[][]>>

interface LatencyOptions {
  plan: LatencyPlan
  /** Milliseconds, from a clock that never goes back. */
  now: () => number
  onRound: (round: number) => void
}

/** Makes the same call over every path, one after another; in each round every contestant has its turn, each time in another order. */
export async function measureLatency(
  contestants: readonly Contestant[],
  { plan, now, onRound }: LatencyOptions,
  signal: AbortSignal,
): Promise<Latencies> {
  const latencies: Latencies = Object.fromEntries(contestants.map(({ path }) => [path, []]))
  // One after another: a front takes a worker that is slow for all the others' sake for one that hangs.
  for (const { call, process } of contestants)
    await repeat(call, { times: process ? 1 : plan.warmUpCalls, now, mostMs: plan.warmUpMs }, signal)
  const endsAt = now() + plan.roundsMs
  for (let round = 0; round < plan.rounds && now() < endsAt; round++) {
    onRound(round + 1)
    for (const { path, call, process } of rotated(contestants, round)) {
      const times = process ? plan.processCalls : plan.calls
      latencies[path]?.push(await repeat(call, { times, now }, signal))
    }
  }
  return latencies
}

async function repeat(
  call: Contestant['call'],
  { times, now, mostMs = Number.POSITIVE_INFINITY }: { times: number; now: () => number; mostMs?: number },
  signal: AbortSignal,
): Promise<number[]> {
  const durations: number[] = []
  const endsAt = now() + mostMs
  for (let made = 0; made < times && now() < endsAt; made++) {
    signal.throwIfAborted()
    const startedAt = now()
    await call()
    durations.push(now() - startedAt)
  }
  return durations
}

// Who comes after a process finds the machine's caches as it left them; nobody should always come first.
function rotated<T>(list: readonly T[], by: number): T[] {
  const start = by % list.length
  return [...list.slice(start), ...list.slice(0, start)]
}
