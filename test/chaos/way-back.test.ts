import { describe, expect, it } from 'vitest'
import { longestWayBack, WayBack } from './way-back.ts'

describe('the way back to the worker', () => {
  it('is timed from its return to the first call it answers, once', () => {
    const wayBack = new WayBack()
    wayBack.workerReturned(1_000)
    wayBack.workerAnswered(1_400)
    wayBack.workerAnswered(1_900)
    expect(wayBack.close()).toEqual({ times: [400], cutShort: [] })
  })

  it('is not timed while nobody was away', () => {
    const wayBack = new WayBack()
    wayBack.workerAnswered(10)
    expect(wayBack.close()).toEqual({ times: [], cutShort: [] })
  })

  it('that the next fault cut short still counts for as long as it lasted', () => {
    const wayBack = new WayBack()
    wayBack.workerReturned(1_000)
    wayBack.workerAnswered(1_100)
    wayBack.workerLeft(2_000)
    wayBack.workerReturned(3_000)
    wayBack.workerLeft(3_700)
    expect(wayBack.close()).toEqual({ times: [100], cutShort: [700] })
    expect(longestWayBack(wayBack.close())).toBe(700)
  })
})
