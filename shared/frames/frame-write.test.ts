import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type AnswerFrame, type Frame, scanFrame } from './frame-scan.ts'
import {
  errorFrame,
  notificationFrame,
  readdressFrame,
  replaceSpans,
  requestFrame,
  resultFrame,
  rewriteFrame,
} from './frame-write.ts'

describe('replaceSpans', () => {
  it('replaces ranges in any order and of any length, and nothing else', () => {
    const bytes = Buffer.from('0123456789')
    const replacements = [
      { span: { start: 7, end: 9 }, raw: 'x' },
      { span: { start: 0, end: 1 }, raw: 'abc' },
      { span: { start: 4, end: 4 }, raw: '-' },
    ]
    expect(replaceSpans(bytes, replacements).toString()).toBe('abc123-456x9')
    expect(bytes.toString()).toBe('0123456789')
    expect(replacements[0]?.raw).toBe('x')
  })

  it('copies where nothing is to be replaced', () => {
    const bytes = Buffer.from('abc')
    const copy = replaceSpans(bytes, [])
    expect(copy).toEqual(bytes)
    expect(copy).not.toBe(bytes)
  })

  it('writes the bytes that the text stands for', () => {
    const raw = Buffer.from('"é\xff"').toString('latin1')
    expect(replaceSpans(Buffer.from('[1]'), [{ span: { start: 1, end: 2 }, raw }])).toEqual(Buffer.from('["é\xff"]'))
  })
})

describe('readdressFrame', () => {
  const ids = fc.oneof(
    fc.nat().map(String),
    fc.string({ unit: 'grapheme' }).map((id) => JSON.stringify(id)),
  )
  const filling = fc.constantFrom(0, 10, 17_000).map((length) => `"filling":"${'é'.repeat(length)}"`)

  it('replaces the id and nothing else, whatever stands before and behind it', () => {
    fc.assert(
      fc.property(filling, filling, ids, ids, (before, behind, id, other) => {
        const text = `{${before.replace('filling', 'result')},"jsonrpc":"2.0","id":${id},${behind}}`
        const raw = Buffer.from(other).toString('latin1')
        const expected = rewriteFrame(usable(text), { id: raw })
        expect(readdressFrame(usable(text) as AnswerFrame, raw).equals(expected)).toBe(true)
      }),
    )
  })

  it('copies a small frame, which may wait for long, and no large one', () => {
    const [small, large] = [10, 17_000].map((length) =>
      usable(`{"result":"${'x'.repeat(length)}","jsonrpc":"2.0","id":123}`),
    ) as [AnswerFrame, AnswerFrame]
    expect(readdressFrame(small, '7').buffer).not.toBe(small.bytes.buffer)
    expect(readdressFrame(large, '7').buffer).toBe(large.bytes.buffer)
  })
})

describe('rewriteFrame', () => {
  it('replaces the members that are there', () => {
    const frame = usable('{"params":{"_meta":{"progressToken":"t"}},"jsonrpc":"2.0","method":"é","id":"a"}')
    const rewritten = rewriteFrame(frame, { id: '42', 'params._meta.progressToken': '42', 'params.uri': '"nowhere"' })
    expect(rewritten.toString()).toBe('{"params":{"_meta":{"progressToken":42}},"jsonrpc":"2.0","method":"é","id":42}')
  })

  it('is undone by its reverse, byte for byte', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.maxSafeInteger(), fc.string({ unit: 'binary' })),
        fc.jsonValue(),
        fc.boolean(),
        (id, result, first) => {
          const members = first ? { id, jsonrpc: '2.0', result } : { result, jsonrpc: '2.0', id }
          const frame = usable(JSON.stringify(members))
          const away = usable(rewriteFrame(frame, { id: '4711' }).toString('utf8'))
          expect(JSON.parse(away.bytes.toString())).toEqual({ ...JSON.parse(JSON.stringify(members)), id: 4711 })
          expect(rewriteFrame(away, { id: frame.id.raw })).toEqual(frame.bytes)
        },
      ),
      { numRuns: 500 },
    )
  })
})

describe('frames of our own', () => {
  it('are JSON-RPC, with params where there are any', () => {
    expect(requestFrame(3, 'ping').toString()).toBe('{"jsonrpc":"2.0","id":3,"method":"ping"}')
    expect(requestFrame(3, 'x', { a: 1 }).toString()).toBe('{"jsonrpc":"2.0","id":3,"method":"x","params":{"a":1}}')
    expect(notificationFrame('x').toString()).toBe('{"jsonrpc":"2.0","method":"x"}')
    expect(notificationFrame('x', { a: 'é' }).toString()).toBe('{"jsonrpc":"2.0","method":"x","params":{"a":"é"}}')
  })

  it('give an id back in the bytes it came in', () => {
    const id = Buffer.concat([Buffer.from('"é'), Buffer.from([0xff]), Buffer.from('"')])
    const expected = Buffer.concat([Buffer.from('{"jsonrpc":"2.0","id":'), id, Buffer.from(',"result":{"a":"é"}}')])
    expect(resultFrame(id.toString('latin1'), '{"a":"é"}')).toEqual(expected)
    const data = { server: 's', delivered: 'no', retryable: false } as const
    expect(errorFrame('null', { code: -32600, message: 'é', data }).toString()).toBe(
      '{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"é","data":{"server":"s","delivered":"no","retryable":false}}}',
    )
  })
})

function usable(text: string): Extract<Frame, { bytes: Buffer; id: unknown }> {
  const frame = scanFrame(Buffer.from(text))
  if (frame.kind === 'unusable' || frame.kind === 'notification') throw new Error('no request and no answer')
  return frame
}
