import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BestTools } from './best-tools.ts'

describe('BestTools', () => {
  it('keeps what sorting all would put first, the earlier tool among equals', () => {
    const values = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 60 })
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 20 }), fc.func(fc.integer()), (all, capacity, order) => {
        const best = new BestTools(capacity)
        const tools = [...all.keys()]
        for (const tool of tools.toSorted((a, b) => order(a) - order(b))) best.offer(tool, all[tool] as number)
        const sorted = tools.toSorted((a, b) => (all[b] as number) - (all[a] as number) || a - b)
        expect(Array.from(best.kept()).toSorted((a, b) => a - b)).toEqual(
          sorted.slice(0, capacity).toSorted((a, b) => a - b),
        )
      }),
    )
  })
})
