import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { percentile, ratioOfMedians, summarize } from './samples.ts'

const oneToHundred = Array.from({ length: 100 }, (_, index) => 100 - index)

describe('a percentile', () => {
  it.each([
    [0, 1],
    [0.5, 50],
    [0.9, 90],
    [0.99, 99],
    [1, 100],
  ])('of %d over the numbers from 1 to 100 is %d', (fraction, value) => {
    expect(percentile(oneToHundred, fraction)).toBe(value)
  })

  it('of nothing is no number', () => {
    expect(percentile([], 0.5)).toBeNaN()
  })

  it('leaves the times in their order', () => {
    const times = [3, 1, 2]
    percentile(times, 0.5)
    expect(times).toEqual([3, 1, 2])
  })

  it('is one of the times, with enough of them at or below it', () => {
    const times = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1 })
    fc.assert(
      fc.property(times, fc.double({ min: 0, max: 1, noNaN: true }), (list, fraction) => {
        const value = percentile(list, fraction)
        expect(list).toContain(value)
        expect(list.filter((time) => time <= value).length).toBeGreaterThanOrEqual(fraction * list.length)
      }),
    )
  })
})

describe('a summary', () => {
  it('takes its percentiles over all rounds and its spread from the medians of each', () => {
    const rounds = [
      [1, 2, 30],
      [4, 5, 60],
    ]
    expect(summarize(rounds)).toEqual({
      calls: 6,
      p50: 4,
      p90: 60,
      p99: 60,
      lowestRoundP50: 2,
      highestRoundP50: 5,
    })
  })
})

describe('a ratio of medians', () => {
  it('compares all rounds, and each round with the one that ran beside it', () => {
    const over = [
      [10, 10, 10],
      [40, 40, 40],
      [40, 40, 40],
    ]
    const under = [
      [10, 10, 10],
      [10, 10, 10],
      [20, 20, 20],
    ]
    expect(ratioOfMedians(over, under)).toEqual({ ratio: 4, lowest: 1, highest: 4 })
  })
})
