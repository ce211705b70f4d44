import { describe, expect, it } from 'vitest'
import { digestOf } from './tool-digest.ts'

const TOOL = {
  name: 'a',
  description: 'x',
  inputSchema: { type: 'object', required: ['b', 'c'] },
  _meta: { n: [null, 1.5] },
}

describe('the digest of a tool', () => {
  it('is the same in whatever order its members stand', () => {
    const { name, description, inputSchema, _meta } = TOOL
    const { type, required } = inputSchema
    expect(digestOf({ _meta, inputSchema: { required, type }, description, name })).toBe(digestOf(TOOL))
  })

  it('is another where anything else differs', () => {
    const others = [
      { ...TOOL, description: 'y' },
      { ...TOOL, title: 'x' },
      { ...TOOL, inputSchema: { ...TOOL.inputSchema, required: ['c', 'b'] } },
      { ...TOOL, _meta: { n: [null, '1.5'] } },
      { ...TOOL, _meta: { n: [], 'null,1.5': 0 } },
    ]
    expect(new Set([TOOL, ...others].map(digestOf)).size).toBe(6)
  })
})
