import { describe, expect, it } from 'vitest'
import { EventStreamParser, type StreamEvent } from './event-stream-parser.ts'

function parse(chunks: (string | Buffer)[], maxEventBytes = 1_000) {
  const events: { type: string; id: string | undefined; data: string }[] = []
  const seen = { oversized: 0, retries: [] as number[] }
  const parser = new EventStreamParser(
    {
      event: ({ type, id, data }: StreamEvent) => events.push({ type, id, data: data.toString() }),
      oversizedEvent: () => void seen.oversized++,
      retry: (delayMs) => void seen.retries.push(delayMs),
    },
    { maxEventBytes },
  )
  for (const chunk of chunks) parser.push(Buffer.from(chunk))
  return { events, ...seen }
}

const message = (data: string, id?: string) => ({ type: 'message', id, data })

describe('EventStreamParser', () => {
  it.each([
    ['\\n', 'event: endpoint\nid: 7\ndata: one\ndata: two\n\n'],
    ['\\r\\n', 'event: endpoint\r\nid: 7\r\ndata: one\r\ndata: two\r\n\r\n'],
    ['\\r', 'event: endpoint\rid: 7\rdata: one\rdata: two\r\r'],
  ])('reads lines that end in %s, however they are cut into chunks', (_, text) => {
    const expected = [{ type: 'endpoint', id: '7', data: 'one\ntwo' }]
    expect(parse([text]).events).toEqual(expected)
    expect(parse(text.split('')).events).toEqual(expected)
    for (let cut = 1; cut < text.length; cut++) {
      expect(parse([text.slice(0, cut), text.slice(cut)]).events).toEqual(expected)
    }
  })

  it('joins a character that was cut in two', () => {
    const bytes = Buffer.from('data: grün 🚀\n\n')
    expect(parse([...bytes].map((byte) => Buffer.from([byte]))).events).toEqual([message('grün 🚀')])
  })

  it('takes away one space after the colon, and no more', () => {
    expect(parse(['data:a\n\ndata:  b\n\n']).events).toEqual([message('a'), message(' b')])
  })

  it('passes over comments, unknown fields, an event without data and a byte order mark', () => {
    expect(parse(['\ufeff: hello\nfoo: bar\ndata: a\n\nevent: ping\n\n:\n\n']).events).toEqual([message('a')])
  })

  it('keeps the last id, and tells of one that comes alone', () => {
    expect(parse(['id: 1\ndata: \n\ndata: a\n\nid\ndata: b\n\n']).events).toEqual([
      message('', '1'),
      message('a', '1'),
      message('b', ''),
    ])
  })

  it('ignores an id with a zero byte and a retry that is no number', () => {
    const { events, retries } = parse(['id: a\0b\nretry: soon\nretry: 250\ndata: a\n\n'])
    expect(events).toEqual([message('a')])
    expect(retries).toEqual([250])
  })

  it('does not deliver an event that has not ended', () => {
    expect(parse(['data: a\n']).events).toEqual([])
  })

  it('carries an event of just the limit', () => {
    expect(parse([`event: message\ndata: ${'x'.repeat(1_000)}\n\n`]).events).toEqual([message('x'.repeat(1_000))])
  })

  it.each([
    ['in one line', [`data: ${'x'.repeat(5_000)}\n\n`]],
    ['in many lines', Array.from({ length: 50 }, () => `data: ${'x'.repeat(100)}\n`)],
    ['byte by byte', `data: ${'x'.repeat(1_100)}`.split('')],
  ])('drops an event over the limit once, and reads the next (%s)', (_, chunks) => {
    const { events, oversized } = parse([...chunks, '\n\ndata: next\n\n'])
    expect(oversized).toBe(1)
    expect(events).toEqual([message('next')])
  })

  it('reads 8 MB that come in pieces of 100 bytes as fast as in one', () => {
    const text = Buffer.from(`data: ${'x'.repeat(8_000_000)}\n\n`)
    const pieces = Array.from({ length: Math.ceil(text.length / 100) }, (_, i) => text.subarray(i * 100, i * 100 + 100))
    const { events } = parse(pieces, 10_000_000)
    expect(events[0]?.data.length).toBe(8_000_000)
  })
})
