import { describe, expect, it } from 'vitest'
import { Allowance } from './allowance.ts'

function allowanceOf(limits: { burst: number; perSecond: number }) {
  const clock = { now: 0 }
  return { clock, allowance: new Allowance(limits, () => clock.now) }
}

describe('an allowance', () => {
  it('lets its burst be spent at once, and then wants a rest', () => {
    const { allowance } = allowanceOf({ burst: 100, perSecond: 10 })
    allowance.spend(99)
    expect(allowance.restMs()).toBe(0)
    allowance.spend(1)
    expect(allowance.restMs()).toBe(20)
  })

  it('comes back with time, up to its burst', () => {
    const { allowance, clock } = allowanceOf({ burst: 100, perSecond: 10 })
    allowance.spend(100)
    clock.now += 3_000
    expect(allowance.left()).toBe(30)
    clock.now += 60_000
    expect(allowance.left()).toBe(100)
  })

  it('wants a rest as long as the debt takes, and of four seconds at most', () => {
    const { allowance, clock } = allowanceOf({ burst: 100, perSecond: 10 })
    allowance.spend(105)
    expect(allowance.restMs()).toBe(500)
    clock.now += 500
    expect(allowance.left()).toBe(0)
    allowance.spend(1_000_000)
    expect(allowance.restMs()).toBe(4_000)
  })

  it('is ample while almost all of it is left', () => {
    const { allowance, clock } = allowanceOf({ burst: 100, perSecond: 10 })
    expect(allowance.beginTurn().isAmple()).toBe(true)
    allowance.spend(10)
    expect(allowance.beginTurn().isAmple()).toBe(false)
    clock.now += 2_000
    expect(allowance.beginTurn().isAmple()).toBe(true)
  })

  it('is spent in turns of a 256th of the burst', () => {
    const { allowance } = allowanceOf({ burst: 2_560, perSecond: 10 })
    const turn = allowance.beginTurn()
    allowance.spend(10)
    expect(turn.isOver()).toBe(false)
    allowance.spend(1)
    expect([turn.isOver(), allowance.beginTurn().isOver()]).toEqual([true, false])
  })

  it('comes back by what is earned', () => {
    const { allowance } = allowanceOf({ burst: 100, perSecond: 10 })
    allowance.spend(100)
    allowance.earn(5)
    expect([allowance.left(), allowance.restMs()]).toEqual([5, 0])
  })
})
