import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type LineEnds, LineSplitter, type SplitLine } from './line-splitter.ts'

const asText = (lines: SplitLine[]) =>
  lines.map((line) => (line.kind === 'line' ? line.bytes.toString() : '<too long>'))

function split(chunks: (string | Buffer)[], maxLineBytes = 1_000): string[] {
  const splitter = new LineSplitter({ maxLineBytes })
  const lines = chunks.flatMap((chunk) => splitter.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk))
  return asText([...lines, ...splitter.end()])
}

describe('LineSplitter', () => {
  it('gives every line of a chunk', () => {
    expect(split(['one\ntwo\nthree\n'])).toEqual(['one', 'two', 'three'])
  })

  it('joins a line that arrives in several chunks', () => {
    expect(split(['on', 'e\ntw', 'o', '\n'])).toEqual(['one', 'two'])
  })

  it('copies nothing of a line whose pieces lie side by side', () => {
    const slab = Buffer.from('before\none line\nafter')
    const splitter = new LineSplitter({ maxLineBytes: 100 })
    const pieces = [slab.subarray(0, 9), slab.subarray(9, 12), slab.subarray(12)]
    const lines = pieces.flatMap((piece) => splitter.push(piece))
    expect(asText(lines)).toEqual(['before', 'one line'])
    slab.fill('x')
    expect(asText(lines)).toEqual(['xxxxxx', 'xxxxxxxx'])
  })

  it('joins pieces of one memory that lie in another order', () => {
    const slab = Buffer.from('line\none ')
    expect(split([slab.subarray(5), slab.subarray(0, 5)])).toEqual(['one line'])
  })

  it('gives a line as soon as its newline has come', () => {
    const splitter = new LineSplitter({ maxLineBytes: 100 })
    expect(asText(splitter.push(Buffer.from('whole\npart')))).toEqual(['whole'])
    expect(asText(splitter.push(Buffer.from('ial')))).toEqual([])
    expect(asText(splitter.push(Buffer.from('\n')))).toEqual(['partial'])
  })

  it('gives the last line without a newline at the end, once', () => {
    const splitter = new LineSplitter({ maxLineBytes: 100 })
    expect(splitter.push(Buffer.from('last'))).toEqual([])
    expect(asText(splitter.end())).toEqual(['last'])
    expect(splitter.end()).toEqual([])
  })

  it('strips one carriage return before the newline, also when it came in an earlier chunk', () => {
    expect(split(['one\r\ntwo\r', '\nthr\ree\r\r\n'])).toEqual(['one', 'two', 'thr\ree\r'])
  })

  it('leaves empty lines out', () => {
    expect(split(['\n\r\n\none\n\n'])).toEqual(['one'])
  })

  it('keeps characters whole whose bytes are split over chunks', () => {
    const bytes = Buffer.from('naïve 🚀\n')
    expect(split(Array.from(bytes, (byte) => Buffer.of(byte)))).toEqual(['naïve 🚀'])
  })

  it('does not count the line ending', () => {
    expect(split(['12345\r\n12345\n123456\r\n123456\n'], 5)).toEqual(['12345', '12345', '<too long>', '<too long>'])
  })

  it('reports a line that is too long once and reads the next one', () => {
    expect(split(['123456789', '0123456789', '\nnext\n'], 8)).toEqual(['<too long>', 'next'])
  })

  it('reports a line that is too long before it ends', () => {
    const splitter = new LineSplitter({ maxLineBytes: 8 })
    expect(splitter.push(Buffer.alloc(10, 'x'))).toEqual([{ kind: 'too-long' }])
    expect(splitter.push(Buffer.alloc(1_000, 'x'))).toEqual([])
    expect(splitter.end()).toEqual([])
    expect(asText(splitter.push(Buffer.from('next\n')))).toEqual(['next'])
  })

  it('tells the ends of a line that was too long when it has ended', () => {
    const skipped: string[][] = []
    const lineSkipped = ({ beginning, end }: LineEnds) => void skipped.push([beginning.toString(), end.toString()])
    const splitter = new LineSplitter({ maxLineBytes: 8, lineSkipped })
    splitter.push(Buffer.from(`first${'x'.repeat(1_000)}`))
    for (let piece = 0; piece < 1_000; piece++) splitter.push(Buffer.from('yz'))
    expect(skipped).toEqual([])
    splitter.push(Buffer.from('last\n123456789\n12345678\n'))
    splitter.push(Buffer.from('cut off by the end'))
    splitter.end()
    splitter.end()
    expect(skipped).toEqual([
      [`first${'x'.repeat(507)}`, `${'yz'.repeat(254)}last`],
      ['123456789', '123456789'],
      ['cut off by the end', 'cut off by the end'],
    ])
  })

  it('does not copy a line that lies within one chunk', () => {
    const chunk = Buffer.from('one\ntwo\n')
    const [first] = new LineSplitter({ maxLineBytes: 100 }).push(chunk)
    expect(first?.kind === 'line' && first.bytes.buffer === chunk.buffer).toBe(true)
  })

  it('puts a line together that came byte by byte', () => {
    const line = Array.from({ length: 5_000 }, (_, i) => String(i % 10)).join('')
    expect(split(Array.from(`${line}\nnext\n`), 10_000)).toEqual([line, 'next'])
  })

  it('gives the same lines however the stream is cut', () => {
    const pieces = fc.array(fc.constantFrom('a', 'bb', 'é', '\r', '\n', '\r\n', 'long line', '\n\n'), { maxLength: 40 })
    fc.assert(
      fc.property(pieces, fc.array(fc.nat(60), { maxLength: 20 }), (texts, cuts) => {
        const stream = Buffer.from(texts.join(''))
        const positions = [0, ...cuts.filter((cut) => cut < stream.length).toSorted((a, b) => a - b), stream.length]
        const chunks = positions.slice(1).map((end, i) => stream.subarray(positions[i], end))
        expect(split(chunks, 6)).toEqual(split([stream], 6))
      }),
    )
  })
})
