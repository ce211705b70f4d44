import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cutAt, resultIdOf, shortenResult, toResultUri } from './shorten-result.ts'

const IMAGE = { type: 'image', data: 'A'.repeat(5_000), mimeType: 'image/png' }
const text = (length: number) => Array.from({ length }, (_, index) => String(index % 10)).join('')

function shorten(
  result: Record<string, unknown>,
  options: { isStructured?: boolean; knowsLinks?: boolean; maxBytes?: number } = {},
) {
  const kept: string[] = []
  const shortened = shortenResult(result, {
    maxBytes: 1_000,
    isStructured: false,
    knowsLinks: true,
    ...options,
    keep: (one) => `id${kept.push(one)}`,
  })
  return { shortened, kept }
}

describe('shortenResult', () => {
  it('leaves what is small enough, and images however large, as they are', () => {
    expect(shorten({ content: [{ type: 'text', text: text(1_000) }, IMAGE] })).toEqual({
      shortened: undefined,
      kept: [],
    })
    expect(shorten({ content: 'odd' })).toEqual({ shortened: undefined, kept: [] })
    expect(shorten({ x: text(2_000) })).toEqual({ shortened: undefined, kept: [] })
  })

  it('keeps the text and gives its head, its tail and the way to the rest; all else stays', () => {
    const result = {
      content: [{ type: 'text', text: text(1_500) }, IMAGE, { type: 'text', text: 'end' }],
      isError: true,
      _meta: { a: 1 },
      structuredContent: { big: 1 },
    }
    const { shortened, kept } = shorten(result)
    expect(kept).toEqual([`${text(1_500)}\nend`])
    expect(shortened).toEqual({
      content: [
        { type: 'text', text: text(250) },
        {
          type: 'text',
          text: '[The result is too large: characters 250 to 1254 of 1504 are left out; call read_result with {"id":"id1","offset":250} to read on, or with "grep" to search it. Its end follows.]',
        },
        { type: 'text', text: `${text(1_500).slice(1_254)}\nend` },
        {
          type: 'resource_link',
          uri: 'pilotlight:result/id1',
          name: 'The whole result',
          mimeType: 'text/plain',
          size: 1_504,
        },
        IMAGE,
      ],
      isError: true,
      _meta: { a: 1 },
    })
  })

  it('shortens the texts of resources that stand in the result, too', () => {
    const file = { type: 'resource', resource: { uri: 'file:///a', mimeType: 'text/plain', text: text(1_500) } }
    const blob = { type: 'resource', resource: { uri: 'file:///b', blob: 'A'.repeat(5_000) } }
    const { shortened, kept } = shorten({ content: [{ type: 'text', text: 'read' }, file, blob] })
    expect(kept).toEqual([`read\n${text(1_500)}`])
    expect(JSON.stringify(shortened)).not.toContain(text(1_500))
    expect(shortened).toMatchObject({ content: [{}, {}, {}, { type: 'resource_link' }, blob] })
  })

  it('shows no more than so much of even the largest', () => {
    const { shortened } = shorten({ content: [{ type: 'text', text: text(1_000_000) }] }, { maxBytes: 500_000 })
    expect(JSON.stringify(shortened).length).toBeLessThan(11_000)
  })

  it.each(['é', '☃', '🐦', 'a☃', '\ud800'])('gives no more than there may be, and nothing twice, of %j', (unit) => {
    const { shortened, kept } = shorten({ content: [{ type: 'text', text: unit.repeat(502) }] })
    const [head = '', told = '', tail = ''] = ((shortened?.['content'] ?? []) as { text: string }[]).map(
      (item) => item.text,
    )
    const bytes = [head, tail].map((one) => Buffer.byteLength(one))
    expect(bytes.filter((count) => count > 250 || count < 247)).toEqual([])
    expect(told).toContain(`characters ${head.length} to ${502 * unit.length - tail.length} of ${502 * unit.length}`)
    expect([kept[0]?.startsWith(head), kept[0]?.endsWith(tail)]).toEqual([true, true])
  })

  it('leaves out links for clients that do not know them', () => {
    const { shortened } = shorten({ content: [{ type: 'text', text: text(2_000) }] }, { knowsLinks: false })
    expect(JSON.stringify(shortened)).not.toContain('resource_link')
  })

  it('leaves structured content that was promised, and has the text of one that was not', () => {
    const structuredContent = { lines: Array.from({ length: 300 }, (_, line) => line) }
    expect(shorten({ content: [], structuredContent }, { isStructured: true }).shortened).toBeUndefined()
    const promised = shorten(
      { content: [{ type: 'text', text: text(2_000) }], structuredContent },
      { isStructured: true },
    )
    expect(promised.shortened).toMatchObject({ structuredContent })
    const { shortened, kept } = shorten({ content: [], structuredContent })
    expect(kept).toEqual([JSON.stringify(structuredContent, null, 1)])
    expect(shortened).not.toHaveProperty('structuredContent')
  })

  it('leaves what cannot be kept as it is', () => {
    const options = { maxBytes: 10, isStructured: false, knowsLinks: true, keep: () => undefined }
    expect(shortenResult({ content: [{ type: 'text', text: text(20) }] }, options)).toBeUndefined()
  })

  it('tears no character', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', minLength: 30 }),
        fc.integer({ min: 1, max: 40 }),
        (value, maxBytes) => {
          const { shortened } = shorten({ content: [{ type: 'text', text: value }] }, { maxBytes })
          const texts = ((shortened?.['content'] ?? []) as { text?: string }[]).map((item) => item.text ?? '')
          expect(texts.filter((one) => !one.isWellFormed())).toEqual([])
        },
      ),
    )
  })
})

describe('cutAt', () => {
  it('moves before a character that would be torn', () => {
    expect([0, 1, 2, 3, 4].map((index) => cutAt('a🐦b', index))).toEqual([0, 1, 1, 3, 4])
  })
})

describe('the URI of a kept result', () => {
  it('can be read back, and is no URI of a server’s', () => {
    expect(resultIdOf(toResultUri('id-1'))).toBe('id-1')
    expect(resultIdOf('pilotlight://docs/result/id-1')).toBeUndefined()
  })
})
