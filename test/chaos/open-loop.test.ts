import { describe, expect, it } from 'vitest'
import { makeCalls } from './open-loop.ts'

const PLAN = { calls: 40, callsPerSecond: 1_000, seed: 1 }
const never = new AbortController().signal

describe('an open loop', () => {
  it('makes every call of its plan once, in order', async () => {
    const made: number[] = []
    await makeCalls(PLAN, { call: ({ id }) => made.push(id), now: () => performance.now() }, never)
    expect(made).toEqual(Array.from({ length: PLAN.calls }, (_, index) => index))
  })

  it('makes up for the time in which it could not run', async () => {
    const callsByTick: number[] = []
    let time = 0
    let made = 0
    const now = () => {
      callsByTick.push(made)
      return (time += 15)
    }
    await makeCalls(PLAN, { call: () => made++, now }, never)
    expect(callsByTick).toEqual([0, 0, 15, 30])
  })

  it('stops when it is told to', async () => {
    const stop = new AbortController()
    const call = () => stop.abort(new Error('enough'))
    await expect(makeCalls(PLAN, { call, now: () => performance.now() }, stop.signal)).rejects.toThrow('abort')
  })
})
