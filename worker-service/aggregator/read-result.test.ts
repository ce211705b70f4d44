import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readResult } from './read-result.ts'

function read(text: string, input: Record<string, unknown> = {}): [shown: string, position: string] {
  const result = JSON.parse(readResult({ id: 'r', ...input }, (id) => (id === 'r' ? text : undefined))) as {
    content: { text: string }[]
  }
  return [result.content[0]?.text ?? '', result.content[1]?.text ?? '']
}

const nextOf = (position: string) => Number(/offset (\d+)/.exec(position)?.[1] ?? Number.NaN)

describe('readResult', () => {
  it('reads a part and says where the next begins', () => {
    expect(read('0123456789', { offset: 2, length: 3 })).toEqual([
      '234',
      '[From character 2 of 10; go on with offset 5.]',
    ])
    expect(read('0123456789', { offset: '8' })).toEqual(['89', '[From character 8 of 10; this is the end.]'])
    expect(read('0123456789', { offset: null, length: null, grep: null })[0]).toBe('0123456789')
    expect(read('0123456789', { offset: 99 })).toEqual(['', '[From character 10 of 10; this is the end.]'])
    expect(read('x'.repeat(20_000))[0]).toHaveLength(16_384)
    expect(read('x'.repeat(99_999), { length: 99_999 })[0]).toHaveLength(65_536)
  })

  it('gives the whole text, page by page, and tears no character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 50 }), fc.integer({ min: 1, max: 7 }), (text, length) => {
        const pages: string[] = []
        for (let offset = 0; !Number.isNaN(offset); ) {
          const [shown, position] = read(text, { offset, length })
          pages.push(shown)
          offset = nextOf(position)
        }
        expect(pages.join('')).toBe(text)
        expect(pages.every((page) => page.isWellFormed())).toBe(true)
      }),
    )
  })

  it.each([
    ['error', '4: an Error\n26: error'],
    ['a.b|(x', '13: a.b (x c'],
    ['none', 'Nothing holds that.'],
    ['an? error', 'Nothing holds that. What is searched is a text, or several with "|" between them: no pattern.'],
  ])('finds the lines that hold %s, with their offsets', (grep, expected) => {
    expect(read('one\nan Error\na.b (x c\n...\nerror', { grep })).toEqual([
      expected,
      expect.stringContaining('this is the end'),
    ])
  })

  it('shows of a long line what stands around', () => {
    const [shown, position] = read(`${'a'.repeat(1_000)}needle${'b'.repeat(1_000)}`, { grep: 'NEEDLE' })
    expect(shown).toBe(`850: ${'a'.repeat(150)}needle${'b'.repeat(150)}`)
    expect(position).toContain('this is the end')
  })

  it('finds page by page what it finds at once', () => {
    const text = Array.from({ length: 200 }, (_, line) => `line ${line} ${line % 3 === 0 ? 'fizz' : ''}`).join('\n')
    const lines: string[] = []
    for (let offset = 0; !Number.isNaN(offset); ) {
      const [shown, position] = read(text, { grep: 'fizz', length: 100, offset })
      lines.push(shown)
      offset = nextOf(position)
    }
    expect(lines.join('\n')).toBe(read(text, { grep: 'fizz' })[0])
    expect(lines.join('\n').split('\n')).toHaveLength(67)
  })

  it.each(['', '|', null])('reads as without it where grep is %j', (grep) => {
    expect(read('abc', { grep })[0]).toBe('abc')
  })

  it('takes no longer for a text that a pattern would choke on', () => {
    expect(read('a'.repeat(1_000_000), { grep: '(a+)+$' })[0]).toContain('Nothing holds that.')
  })

  it.each([
    [{ id: undefined }, '"id" is required'],
    [{ id: 'gone' }, 'there is no result "gone", or no longer'],
    [{ offset: -1 }, '"offset" must be a whole number from 0'],
    [{ offset: '' }, '"offset" must be'],
    [{ length: 0 }, '"length" must be a whole number from 1'],
    [{ length: 1.5 }, '"length" must be'],
    [{ grep: 7 }, '"grep" must be a text'],
    [{ grep: 'x|'.repeat(501) }, '"grep" has more than 1000 characters'],
  ])('refuses %j', (input, problem) => {
    expect(() => read('text', input)).toThrow(
      expect.objectContaining({ code: 'invalid_request', message: expect.stringContaining(problem) }),
    )
  })
})
