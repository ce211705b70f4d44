import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nestsDeeperThan } from './json-nesting.ts'

const bytes = (text: string) => Buffer.from(text)

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  return 1 + Math.max(0, ...Object.values(value).map(depthOf))
}

describe('the depth of JSON text', () => {
  it('is the depth of the value it stands for', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 8 }), fc.nat(10), (value, limit) => {
        expect(nestsDeeperThan(limit, bytes(JSON.stringify(value)))).toBe(depthOf(value) > limit)
      }),
    )
  })

  it('is found in a million levels without recursion', () => {
    expect(nestsDeeperThan(64, bytes('['.repeat(1_000_000)))).toBe(true)
  })

  it('counts no bracket inside a string, also after escaped quotes', () => {
    expect(nestsDeeperThan(1, bytes('["[[[\\"[[{{"]'))).toBe(false)
  })
})
