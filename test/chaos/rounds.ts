import { seededRandom } from './seeded-random.ts'

/** For how long rounds are begun, and what decides their seeds. Without minutes there is one round. */
export interface RoundsPlan {
  readonly seed: number
  readonly minutes: number | undefined
}

/** The seeds of the rounds, the first one the plan's own: each alone makes the same round again. Ends when the time is over. */
export function* seedsOfRounds({ seed, minutes }: RoundsPlan, now: () => number): Generator<number> {
  const random = seededRandom(seed)
  const endsAt = now() + (minutes ?? 0) * 60_000
  yield seed
  while (now() < endsAt) yield 1 + Math.floor(random() * 1e9)
}
