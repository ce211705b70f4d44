import { describe, expect, it } from 'vitest'
import { seededRandom } from '../seeded-random.ts'
import { ratioOfP99 } from './ratio-of-p99.ts'
import type { LoadRound } from './steady-load.ts'

/** Rounds of a hundred calls of about a millisecond, of which some of the first take so much longer. */
function rounds(count: number, { seed, stallMs }: { seed: number; stallMs: number }): LoadRound[] {
  const random = seededRandom(seed)
  const timeOf = (call: number, stalled: number) => (call < stalled ? stallMs : 1) * (0.5 + random())
  return Array.from({ length: count }, () => {
    const stalled = 2 + Math.floor(random() * 3)
    return { times: Array.from({ length: 100 }, (_, call) => timeOf(call, stalled)), failed: 0, unanswered: 0 }
  })
}

describe('the ratio of two p99', () => {
  it('is certain where there is a difference in every round', () => {
    const { ratio, atLeast, atMost } = ratioOfP99(
      rounds(20, { seed: 1, stallMs: 40 }),
      rounds(20, { seed: 2, stallMs: 10 }),
    )
    expect(atLeast).toBeGreaterThan(1.5)
    expect([atLeast <= ratio, ratio <= atMost]).toEqual([true, true])
  })

  it('may be 1 where the rounds are of one kind', () => {
    for (let seed = 1; seed < 4; seed++) {
      const [over, under] = [rounds(10, { seed, stallMs: 10 }), rounds(10, { seed: 100 + seed, stallMs: 10 })]
      const { atLeast, atMost } = ratioOfP99(over, under)
      expect([atLeast < 1.1, atMost > 0.9]).toEqual([true, true])
    }
  })
})
