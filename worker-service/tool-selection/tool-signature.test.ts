import { describe, expect, it } from 'vitest'
import { toSignature } from './tool-signature.ts'

describe('the signature of a tool', () => {
  it.each([
    [{ path: { type: 'string' }, head: { type: 'number' } }, '(path: string, head?: number)'],
    [{ path: { enum: ['a', 1, null] } }, '(path: "a" | 1 | null)'],
    [{ path: { const: 'only' } }, '(path: "only")'],
    [{ path: { type: ['string', 'null'] } }, '(path: string | null)'],
    [{ path: { type: 'array', items: { type: 'string' } } }, '(path: string[])'],
    [
      { path: { type: 'array', items: { anyOf: [{ type: 'string' }, { type: 'null' }] } } },
      '(path: (string | null)[])',
    ],
    [{ path: { type: 'object', properties: { to: { type: 'string' } }, required: ['to'] } }, '(path: {to: string})'],
    [{ path: { type: 'object' } }, '(path: object)'],
    [{ path: { $ref: '#/$defs/path' } }, '(path: any)'],
    [{ path: { enum: [1, 2, 3, 4, 5, 6, 7] } }, '(path: 1 | 2 | 3 | 4 | 5 | 6 | …)'],
  ])('of %j is %s', (properties, signature) => {
    expect(toSignature({ type: 'object', properties, required: ['path'] })).toBe(signature)
  })

  it.each([undefined, null, true, 'text', {}, { properties: [] }, { type: 'object', properties: {} }])(
    'of %j is empty',
    (schema) => expect(toSignature(schema)).toBe('()'),
  )

  it('stays short, however deep or wide the schema is', () => {
    const deep = '{"type":"array","items":'.repeat(60)
    const schema = { properties: { a: JSON.parse(`${deep}true${'}'.repeat(60)}`) } }
    expect(toSignature(schema)).toBe('(a?: any[][][])')
    const wide = Object.fromEntries(Array.from({ length: 1_000 }, (_, at) => [`parameter${at}`, { type: 'string' }]))
    expect(toSignature({ properties: wide }).length).toBeLessThanOrEqual(401)
  })
})
