/** What is measured: calls one after another, or many at once, each for a text of so many characters. */
export interface Load {
  id: 'call' | 'calls at 100' | '100 KB' | '5 MB'
  length: number
  concurrency: number
  /** Calls per contestant and round. */
  calls: number
  /** At most: there are fewer where they take long, but two at least. */
  rounds: number
}

/** The same with a sixth of the rounds and a fifth of the calls in each; of many at once, which warm a program up themselves, a third. */
export function hasten(load: Load): Load {
  const share = load.concurrency === 1 ? 5 : 3
  return { ...load, rounds: Math.ceil(load.rounds / 6), calls: Math.ceil(load.calls / share) }
}

/** A way to call the tool for a text of so many characters. */
export interface Contestant<Path extends string> {
  path: Path
  call: (length: number) => Promise<unknown>
}

/** Milliseconds per call of each way, one list per round; of many at once the one figure of the whole. */
export type Times<Path extends string> = Record<Path, number[][]>

const FEWEST_ROUNDS = 2
// So that a slow machine ends as well, with fewer rounds.
const ROUNDS_MS = 12_000

/** Measures a load on every way, after a first round that does not count. */
export async function measure<Path extends string>(
  load: Load,
  contestants: readonly Contestant<Path>[],
  signal: AbortSignal,
): Promise<Times<Path>> {
  for (const contestant of contestants) await run(load, contestant, signal)
  const endsAt = performance.now() + ROUNDS_MS
  const goesOn = (round: number) => round < load.rounds && (round < FEWEST_ROUNDS || performance.now() < endsAt)
  return takeTurns(contestants, goesOn, (contestant) => run(load, contestant, signal))
}

/** In each round every contestant has its turn, each time in another order: so many rounds, or as long as `rounds` says of the next. Resolves with what their turns resolved with, by round. */
export async function takeTurns<Path extends string, C extends { path: Path }>(
  contestants: readonly C[],
  rounds: number | ((next: number) => boolean),
  turn: (contestant: C) => Promise<number[]>,
): Promise<Times<Path>> {
  const times = Object.fromEntries(contestants.map(({ path }) => [path, []])) as unknown as Times<Path>
  const goesOn = typeof rounds === 'number' ? (next: number) => next < rounds : rounds
  for (let round = 0; goesOn(round); round++) {
    const start = round % contestants.length
    for (const contestant of [...contestants.slice(start), ...contestants.slice(0, start)]) {
      times[contestant.path].push(await turn(contestant))
    }
  }
  return times
}

async function run({ concurrency, ...load }: Load, { call }: Contestant<string>, signal: AbortSignal) {
  if (concurrency === 1) return oneAfterAnother(load, call, signal)
  const startedAt = performance.now()
  let left = load.calls
  const lane = async () => {
    while (left-- > 0 && !signal.aborted) await call(load.length)
  }
  await Promise.all(Array.from({ length: concurrency }, lane))
  signal.throwIfAborted()
  return [(performance.now() - startedAt) / load.calls]
}

async function oneAfterAnother(
  { calls, length }: Pick<Load, 'calls' | 'length'>,
  call: Contestant<string>['call'],
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
