import { describe, expect, it } from 'vitest'
import { type Goal, inOrder, judge } from './goal.ts'

const slower: Goal = { id: 'G1', what: '', unit: 'ratio', bound: 'at most', must: 5.5, aim: 4, measured: 0 }
const faster: Goal = { id: 'G2', what: '', unit: 'ratio', bound: 'at least', must: 150, aim: 400, measured: 0 }

describe('a goal', () => {
  it.each([
    [slower, 5.51, 'missed'],
    [slower, 5.5, 'ok'],
    [slower, 4, 'aim met'],
    [faster, 149, 'missed'],
    [faster, 150, 'ok'],
    [faster, 400, 'aim met'],
    [slower, Number.NaN, 'missed'],
  ])('%# is judged by its bound', (goal, measured, verdict) => {
    expect(judge({ ...goal, measured })).toBe(verdict)
  })

  it('without an aim is at best ok', () => {
    expect(judge({ id: 'G1', what: '', unit: 'count', bound: 'at most', must: 0, measured: 0 })).toBe('ok')
  })
})

describe('goals in order', () => {
  it('stand by their numbers, then as they came, and those without one last', () => {
    const goals = ['first', 'G10', 'G2', 'index', 'G2'].map((id, place) => ({ ...slower, id, what: `${place}` }))
    expect(inOrder(goals).map(({ id, what }) => id + what)).toEqual(['G22', 'G24', 'G101', 'first0', 'index3'])
  })
})
