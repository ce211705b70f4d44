import { describe, expect, it } from 'vitest'
import type { MeasuredGoal } from './goal.ts'
import { PLAIN } from './paint.ts'
import { renderGoals } from './render-goals.ts'

const GOALS: MeasuredGoal[] = [
  {
    id: 'G3',
    what: 'a call',
    unit: 'ratio',
    bound: 'at most',
    must: 1.5,
    aim: 1.3,
    measured: 1.2,
    spread: { lowest: 1.1, highest: 1.4 },
  },
  { id: 'G6', what: 'calls/s', unit: 'count', bound: 'at least', must: 1_000, measured: 999 },
  { id: 'G11', what: 'memory', unit: 'bytes', bound: 'at most', must: 90e6, aim: 70e6, measured: 88.5e6 },
]

describe('the table of goals', () => {
  it('says of each what it asks, what was measured, each in its unit, and how it stands', () => {
    expect(renderGoals(GOALS, PLAIN)).toEqual([
      ' goal                  must         aim   measured             rounds',
      ' ----------------------------------------------------------------------------',
      ' G3     a call      ≤ 1.50×     ≤ 1.30×      1.20×   aim met   1.10× to 1.40×',
      ' G6     calls/s     ≥ 1,000                    999   missed',
      ' G11    memory    ≤ 90.0 MB   ≤ 70.0 MB    88.5 MB   ok',
    ])
  })

  it('names the best of others where they were measured', () => {
    const [first] = GOALS as [MeasuredGoal]
    const table = renderGoals([{ ...first, peer: { title: 'a relay', measured: 3.7 } }], PLAIN)
    expect(table[0]).toMatch(/rounds {11}best of others$/)
    expect(table[2]).toMatch(/3\.70×, a relay$/)
  })
})
