import { describe, expect, it } from 'vitest'
import { hasHiddenCharacters } from './hidden-characters.ts'

const inputSchema = { type: 'object' }
const described = (description: string) => ({ name: 'a', description, inputSchema })

describe('hasHiddenCharacters', () => {
  it.each([
    'plain\ttext\r\non two lines',
    'grün 日本語 עברית हिन्दी',
    'a family 👨‍👩‍👧, a pilot 👩🏽‍✈️, a heart ❤️, a flag 🇮🇹',
  ])('lets pass %j', (text) => {
    expect(hasHiddenCharacters(described(text))).toBe(false)
  })

  it.each([
    ['turned', 'safe \u202Edelete\u202C'],
    ['isolated', '\u2066x\u2069'],
    ['of no width', 'pay\u200Bload'],
    ['joined without an emoji', 'pay\u200Dload'],
    ['a mark of byte order', '\uFEFFx'],
    ['in tags', 'x\u{E0068}\u{E0069}'],
    ['in selectors', 'x\u{E0101}'],
    ['in escapes', '\u001b[8mhidden\u001b[0m'],
    ['of private use', '\uE000'],
    ['half a character', '\uD800'],
    ['blank letters', '\u3164'],
    ['breaks of other lines', 'a\u2028b'],
  ])('finds text that is %s', (_, text) => {
    expect(hasHiddenCharacters(described(text))).toBe(true)
  })

  it('looks at everything that a model reads', () => {
    const hidden = 'x\u200Bx'
    expect(hasHiddenCharacters({ name: hidden, inputSchema })).toBe(true)
    expect(hasHiddenCharacters({ name: 'a', title: hidden, inputSchema })).toBe(true)
    const properties = { a: { anyOf: [{ description: hidden }] } }
    expect(hasHiddenCharacters({ name: 'a', inputSchema: { ...inputSchema, properties } })).toBe(true)
    expect(hasHiddenCharacters({ name: 'a', inputSchema: { ...inputSchema, properties: { [hidden]: {} } } })).toBe(true)
  })

  it('takes no line break in a name', () => {
    expect(hasHiddenCharacters({ name: 'a\nb', inputSchema })).toBe(true)
  })
})
