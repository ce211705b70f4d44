import { describe, expect, it } from 'vitest'
import { PLAIN } from '../paint.ts'
import { memoryGoalsOf } from './goals.ts'
import type { MemoryResults } from './measure-memory.ts'
import { renderMemory } from './render-memory.ts'

const RESULTS: MemoryResults = {
  known: 85e6,
  asked: 99e6,
  perClient: 21_000,
  shared: { count: 10, bytes: 400e6 },
  around: { count: 11, bytes: 40e6 },
  connect: { count: 10, bytes: 100e6 },
  copies: { clients: 20, count: 200, bytes: 7_820e6 },
}

describe('the table of memory', () => {
  it('has the copies for all clients where there was memory for them', () => {
    const lines = renderMemory(RESULTS, PLAIN)
    expect(lines).toContain(
      ' 20 clients × 10 servers, copies            200   7.82 GB       19.6×   PSS; the shared ones as the first',
    )
    expect(lines.filter((line) => line.includes('not measured'))).toEqual([])
  })

  it('tells what was measured from what follows of it', () => {
    const copies = { clients: 5, count: 50, bytes: 1_960e6 }
    const lines = renderMemory({ ...RESULTS, copies }, PLAIN)
    expect(lines).toContain(
      ' 5 clients × 10 servers, copies              50   1.96 GB       4.90×   PSS; the shared ones as the first',
    )
    expect(lines).toContain(
      ' 20 clients × 10 servers, copies            200   7.81 GB       19.5×   worked out from those of 5 clients',
    )
  })
})

describe('the goals of memory', () => {
  it('are what the worker holds, what a client adds, and what sharing saves', () => {
    expect(memoryGoalsOf(RESULTS).map(({ id, measured }) => [id, measured])).toEqual([
      ['G11', 85e6],
      ['G11', 21_000],
      ['G12', 10],
      ['G12', 19.55],
    ])
  })
})
