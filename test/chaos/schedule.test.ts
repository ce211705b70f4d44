import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { describeFault, type ScheduledFault, scheduleFaults } from './schedule.ts'

const anySeed = fc.integer({ min: 0, max: 2 ** 32 - 1 })

function endOf({ atMs, fault }: ScheduledFault): number {
  return fault.name === 'stop' ? atMs + fault.forMs : atMs
}

describe('a schedule of faults', () => {
  it('follows from its seed', () => {
    fc.assert(
      fc.property(anySeed, (seed) => {
        expect(scheduleFaults(seed, 60_000)).toEqual(scheduleFaults(seed, 60_000))
      }),
    )
  })

  it('is another one for another seed', () => {
    expect(scheduleFaults(1, 60_000)).not.toEqual(scheduleFaults(2, 60_000))
  })

  it('does not change when the run is longer', () => {
    const short = scheduleFaults(7, 20_000)
    expect(scheduleFaults(7, 60_000).slice(0, short.length)).toEqual(short)
  })

  it('leaves the worker alone for one to three seconds between two faults', () => {
    fc.assert(
      fc.property(anySeed, (seed) => {
        let quietSince = 0
        for (const scheduled of scheduleFaults(seed, 60_000)) {
          const quietMs = scheduled.atMs - quietSince
          expect(quietMs >= 1_000 && quietMs <= 3_000).toBe(true)
          quietSince = endOf(scheduled)
        }
      }),
    )
  })

  it('stops the worker for half a second to three, now and then', () => {
    const faults = scheduleFaults(1, 1_000_000).map(({ fault }) => fault)
    const stops = faults.filter((fault) => fault.name === 'stop')
    expect(stops.length / faults.length).toBeCloseTo(0.2, 1)
    expect(stops.every(({ forMs }) => forMs >= 500 && forMs <= 3_000)).toBe(true)
    expect(new Set(stops.map((stop) => stop.ending))).toEqual(new Set(['continue', 'kill']))
  })

  it('reads in a few words', () => {
    const stop = { atMs: 4_040, fault: { name: 'stop', forMs: 1_200, ending: 'continue' } } as const
    expect([{ atMs: 2_130, fault: { name: 'kill' } } as const, stop].map(describeFault)).toEqual([
      '2.1 kill',
      '4.0 stop 1.2 continue',
    ])
  })
})
