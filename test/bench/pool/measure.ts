import type { Contestant, Path } from './stage.ts'

/** What is measured: calls one after another, or many at once, each for a text of so many characters. */
export interface Load {
  id: 'call' | 'calls at 100' | '100 KB' | '5 MB'
  length: number
  concurrency: number
  /** Calls per contestant and round. */
  calls: number
  rounds: number
}

/** Milliseconds per call of each way, one list per round; of many at once the one figure of the whole. */
export type Times = Record<Path, number[][]>

/** Measures a load on every way; in each round every contestant has its turn, each time in another order. */
export async function measure(load: Load, contestants: readonly Contestant[], signal: AbortSignal): Promise<Times> {
  const times: Times = { direct: [], socket: [], connect: [] }
  for (const contestant of contestants) await run(load, contestant, signal)
  for (let round = 0; round < load.rounds; round++) {
    const start = round % contestants.length
    for (const contestant of [...contestants.slice(start), ...contestants.slice(0, start)]) {
      times[contestant.path].push(await run(load, contestant, signal))
    }
  }
  return times
}

async function run(load: Load, { call }: Contestant, signal: AbortSignal): Promise<number[]> {
  if (load.concurrency === 1) return oneAfterAnother(load, call, signal)
  const startedAt = performance.now()
  let left = load.calls
  const lane = async () => {
    while (left-- > 0 && !signal.aborted) await call(load.length)
  }
  await Promise.all(Array.from({ length: load.concurrency }, lane))
  signal.throwIfAborted()
  return [(performance.now() - startedAt) / load.calls]
}

async function oneAfterAnother(
  { calls, length }: Load,
  call: Contestant['call'],
  signal: AbortSignal,
): Promise<number[]> {
  const times: number[] = []
  for (let made = 0; made < calls; made++) {
    signal.throwIfAborted()
    const startedAt = performance.now()
    await call(length)
    times.push(performance.now() - startedAt)
  }
  return times
}
