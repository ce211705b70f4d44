import { describe, expect, it } from 'vitest'
import { readTools } from './tool-list.ts'

const inputSchema = { type: 'object' }

describe('readTools', () => {
  it('keeps every member of a good tool as sent', () => {
    const tool = {
      name: 'a',
      title: 'A',
      description: 'does a',
      inputSchema,
      outputSchema: { type: 'object' },
      _meta: { x: [1] },
      y: null,
    }
    expect(readTools([tool])).toEqual({ tools: [tool], withheld: [] })
  })

  it('takes null for what is missing, and leaves the rest in its order', () => {
    const { tools } = readTools([
      { x: null, title: null, inputSchema, annotations: null, outputSchema: null, name: 'a' },
    ])
    expect(JSON.stringify(tools)).toBe(JSON.stringify([{ x: null, inputSchema, name: 'a' }]))
  })

  it.each([
    [null, '#1', 'it is not an object'],
    [['a'], '#1', 'it is not an object'],
    [{ inputSchema }, '#1', 'it has no name'],
    [{ name: '', inputSchema }, '#1', 'it has no name'],
    [{ name: 'a'.repeat(129), inputSchema }, 'a'.repeat(128), 'its name is over 128 characters'],
    [{ name: 'a' }, 'a', 'its inputSchema is not an object'],
    [{ name: 'a', inputSchema: null }, 'a', 'its inputSchema is not an object'],
    [{ name: 'a', inputSchema: [] }, 'a', 'its inputSchema is not an object'],
    [{ name: 'a', inputSchema: {} }, 'a', 'its inputSchema cannot be used: type is not "object"'],
    [{ name: 'a', inputSchema, outputSchema: [] }, 'a', 'its outputSchema is not an object'],
    [
      { name: 'a', inputSchema, outputSchema: { type: 'object', required: 'a' } },
      'a',
      'its outputSchema cannot be used: required is no list of different names',
    ],
    [{ name: 'a', inputSchema, title: 1 }, 'a', 'its title is not text'],
    [{ name: 'a', inputSchema, description: {} }, 'a', 'its description is not text'],
  ])('withholds %j alone', (broken, name, reason) => {
    const good = { name: 'good', inputSchema }
    expect(readTools([broken, good])).toEqual({ tools: [good], withheld: [{ name, reason }] })
  })

  it('keeps the first of tools with the same name', () => {
    const listed = [
      { name: 'a', inputSchema, n: 1 },
      { name: 'a', inputSchema, n: 2 },
      { name: '__proto__', inputSchema },
    ]
    expect(readTools(listed)).toEqual({
      tools: [listed[0], listed[2]],
      withheld: [{ name: 'a', reason: 'a tool of this name was listed before it' }],
    })
  })
})
