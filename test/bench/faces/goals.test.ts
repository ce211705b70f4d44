import { describe, expect, it } from 'vitest'
import { judge } from '../goal.ts'
import { type FaceResults, goalsOf } from './goals.ts'

const direct = [[10], [12]]
const http = [[100], [100]]
const calls = { direct, mcp: [[20], [36]], http, httpOne: [[50], [70]], httpAll: [[60], [60]] }
const lists = { first: [[6], [9]], next: [[0.1, 0.2], [0.2]] }
const RESULTS: FaceResults = {
  calls: { call: calls, 'calls at 100': calls, '100 KB': calls, '5 MB': calls },
  sessions: { direct: [[100]], connect: [[15]] },
  lists: { nothing: lists, worker: lists },
}

function goal(id: string, what: string) {
  return goalsOf(RESULTS).find((one) => one.id === id && one.what === what)
}

describe('the goals of the faces', () => {
  it('compare each way with the server itself over the same transport, with the spread of the rounds', () => {
    const front = goal('G4', 'call, pilot mcp')
    expect(front).toMatchObject({ unit: 'ratio', measured: 2, spread: { lowest: 2, highest: 3 } })
    expect(goal('G5', 'call, /mcp/{server}')).toMatchObject({ measured: 0.5, spread: { lowest: 0.5, highest: 0.7 } })
    expect(goal('G5', 'call, /mcp')?.measured).toBe(0.6)
    expect(goal('G9', 'new session, pilot connect')?.measured).toBe(0.15)
  })

  it('take the time of lists as it is', () => {
    const first = { unit: 'ms', measured: 6, spread: { lowest: 6, highest: 9 } }
    expect(goal('G13', 'first tools/list, nothing runs')).toMatchObject(first)
    expect(goal('G13', 'the next, worker runs')).toMatchObject({ unit: 'ms', measured: 0.2 })
  })

  it('are missed where a way does not work', () => {
    const { mcp: _, ...others } = calls
    const broken = { ...RESULTS, calls: { call: others, 'calls at 100': others, '100 KB': others, '5 MB': others } }
    const missing = goalsOf(broken).filter(({ measured }) => Number.isNaN(measured))
    expect(missing.map(({ id, what }) => `${id} ${what}`)).toEqual([
      'G4 call, pilot mcp',
      'G7 5 MB, pilot mcp',
      'G7 100 KB, pilot mcp',
      'G9 new session, pilot mcp',
    ])
    expect(missing.map(judge)).toEqual(missing.map(() => 'missed'))
    expect(missing.some(({ spread }) => spread !== undefined)).toBe(false)
  })
})
