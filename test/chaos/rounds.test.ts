import { describe, expect, it } from 'vitest'
import { seedsOfRounds } from './rounds.ts'

/** A clock on which a minute is over each time it is asked. */
function minutePassing(): () => number {
  let minutes = -1
  return () => ++minutes * 60_000
}

describe('the rounds of a chaos run', () => {
  it('are one with the seed itself where no time is given', () => {
    expect([...seedsOfRounds({ seed: 7, minutes: undefined }, minutePassing())]).toEqual([7])
  })

  it('go on with other seeds until the time is over, the same for the same seed', () => {
    const seeds = [...seedsOfRounds({ seed: 7, minutes: 5 }, minutePassing())]
    expect(seeds).toHaveLength(5)
    expect(new Set(seeds).size).toBe(5)
    expect([...seedsOfRounds({ seed: 7, minutes: 3 }, minutePassing())]).toEqual(seeds.slice(0, 3))
    expect([...seedsOfRounds({ seed: 8, minutes: 3 }, minutePassing())]).not.toContain(seeds[1])
  })

  it('are one at least', () => {
    expect([...seedsOfRounds({ seed: 1, minutes: 0.0001 }, minutePassing())]).toEqual([1])
  })
})
