import { describe, expect, it } from 'vitest'
import { measure, takeTurns } from './measure.ts'

const SIGNAL = new AbortController().signal

describe('taking turns', () => {
  it('begins each round with another contestant and keeps what came of each by round', async () => {
    const order: string[] = []
    const times = await takeTurns([{ path: 'a' }, { path: 'b' }], 3, async ({ path }) => [order.push(path)])
    expect(order).toEqual(['a', 'b', 'b', 'a', 'a', 'b'])
    expect(times).toEqual({ a: [[1], [4], [5]], b: [[2], [3], [6]] })
  })
})

describe('taking turns as long as it may', () => {
  it('asks before each round', async () => {
    const asked: number[] = []
    const goesOn = (next: number) => asked.push(next) < 3
    const times = await takeTurns([{ path: 'a' }], goesOn, async () => [1])
    expect(asked).toEqual([0, 1, 2])
    expect(times).toEqual({ a: [[1], [1]] })
  })
})

describe('measuring a load', () => {
  it.each([
    [1, 4],
    [2, 1],
  ])('makes all calls of a round, %i at once, and one round that does not count', async (concurrency, figures) => {
    let atOnce = 0
    let mostAtOnce = 0
    const lengths: number[] = []
    const call = async (length: number) => {
      lengths.push(length)
      mostAtOnce = Math.max(mostAtOnce, ++atOnce)
      await Promise.resolve()
      atOnce--
    }
    const load = { id: 'call', length: 7, concurrency, calls: 4, rounds: 2 } as const
    const { only } = await measure(load, [{ path: 'only', call }], SIGNAL)
    expect(only.map((round) => round.length)).toEqual([figures, figures])
    expect(lengths).toEqual(Array.from({ length: 12 }, () => 7))
    expect(mostAtOnce).toBe(concurrency)
  })

  it('ends when it is stopped', async () => {
    const load = { id: 'call', length: 7, concurrency: 1, calls: 1, rounds: 1 } as const
    const stopped = AbortSignal.abort(new Error('enough'))
    await expect(measure(load, [{ path: 'only', call: async () => {} }], stopped)).rejects.toThrow('enough')
  })
})
