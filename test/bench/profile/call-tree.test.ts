import { describe, expect, it } from 'vitest'
import { type CpuProfile, selfTimes, toCallTree } from './call-tree.ts'

const frame = (functionName: string, url = 'file:///dist/worker.cjs') => ({ functionName, url, lineNumber: 1 })
const PROFILE: CpuProfile = {
  nodes: [
    { id: 1, callFrame: frame('(root)', ''), children: [2, 3, 6] },
    { id: 2, callFrame: frame('(idle)', '') },
    { id: 3, callFrame: frame('take'), children: [4, 5] },
    { id: 4, callFrame: frame('write', 'node:net') },
    { id: 5, callFrame: frame('(garbage collector)', '') },
    { id: 6, callFrame: frame('take'), children: [7] },
    { id: 7, callFrame: frame('write', 'node:net') },
  ],
  samples: [2, 3, 4, 7, 5],
  timeDeltas: [1_000, 10, 20, 30, 40],
}

describe('the call tree of a profile', () => {
  it('says what part of all work each call took, idling left out, the same callers joined', () => {
    const root = toCallTree(PROFILE)
    expect(root.total).toBeCloseTo(1)
    expect(root.callees.map(({ name, self, total }) => [name, self, total])).toEqual([['take', 0.1, 1]])
    const [gc, write] = root.callees[0]?.callees.toSorted((one, other) => one.total - other.total) ?? []
    expect(gc).toMatchObject({ name: '(garbage collector)', owner: 'engine', total: 0.4 })
    expect(write).toMatchObject({ name: 'write', owner: 'node', total: 0.5, callees: [] })
  })

  it('says what each function took itself, wherever it was called', () => {
    expect(selfTimes(toCallTree(PROFILE)).map(({ name, self }) => [name, Math.round(self * 100)])).toEqual([
      ['write', 50],
      ['(garbage collector)', 40],
      ['take', 10],
      ['(root)', 0],
    ])
  })

  it('cannot be made of nothing', () => {
    expect(() => toCallTree({ nodes: [], samples: [], timeDeltas: [] })).toThrow('The profile is empty.')
  })
})
