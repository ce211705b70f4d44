import { describe, expect, it } from 'vitest'
import { MAX_RETRY_AFTER_MS, reconnectDelay } from './reconnect-delay.ts'

const range = (failures: number) => [0, 1].map((random) => reconnectDelay({ failures, askedMs: undefined, random }))
const asked = (askedMs: number, random = 0) => reconnectDelay({ failures: 0, askedMs, random })

describe('reconnectDelay', () => {
  it('doubles from half a second to half a minute, anywhere in the upper half', () => {
    expect([0, 1, 2, 10].map(range)).toEqual([
      [250, 500],
      [500, 1_000],
      [1_000, 2_000],
      [15_000, 30_000],
    ])
  })

  it('heeds what the server asks for, never sooner, within reason', () => {
    expect([asked(500), asked(500, 1), asked(0), asked(9e15)]).toEqual([500, 550, 100, MAX_RETRY_AFTER_MS])
  })

  it('waits longer than asked where that has not helped', () => {
    expect(reconnectDelay({ failures: 6, askedMs: 0, random: 0 })).toBe(15_000)
  })
})
