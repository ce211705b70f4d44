import { describe, expect, it } from 'vitest'
import { compareTools } from './tool-changes.ts'

const tools = (digests: Record<string, string>) => new Map(Object.entries(digests))

describe('compareTools', () => {
  it('says which tools have changed, are new and are gone', () => {
    const accepted = tools({ a: '1', b: '2', c: '3', __proto__: '4' })
    expect(compareTools(accepted, tools({ d: '5', b: '2', a: 'other' }))).toEqual({
      changed: ['a'],
      added: ['d'],
      removed: ['c'],
    })
  })

  it('minds neither order nor nothing', () => {
    expect(compareTools(tools({ a: '1', b: '2' }), tools({ b: '2', a: '1' }))).toBeUndefined()
    expect(compareTools(tools({}), tools({}))).toBeUndefined()
  })
})
