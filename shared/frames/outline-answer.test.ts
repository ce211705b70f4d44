import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { scanFrame } from './frame-scan.ts'
import { outlineAnswer } from './outline-answer.ts'

const RUNS = 5_000

describe('outlineAnswer', () => {
  it.each([
    ['{"jsonrpc":"2.0","id":7,"result":{}}', 7, false],
    ['{"jsonrpc":"2.0","id":0,"error":{"code":1,"message":"no"}}', 0, true],
    ['{"result":{"id":3},"jsonrpc":"2.0","id":12}', 12, false],
    ['{"error":{"id":3},"x":",\\"id\\":4}","id":120}', 120, true],
  ])('tells an answer by its ends: %s', (text, id, failed) => {
    const bytes = Buffer.from(text)
    expect(outlineAnswer(bytes)).toEqual({ kind: 'answer', bytes, id: { value: id, raw: String(id) }, failed })
  })

  it.each([
    '{"jsonrpc":"2.0","id":7,"method":"result"}',
    '{"jsonrpc":"2.0","id":7,"x":1,"result":{}}',
    '{"jsonrpc":"2.0","id":-7,"result":{}}',
    '{"jsonrpc":"2.0","id":"7","result":{}}',
    '{"jsonrpc":"2.0","id":null,"error":{}}',
    '{"jsonrpc":"2.0","id":,"result":{}}',
    '{"jsonrpc":"2.0","id":9007199254740992,"result":{}}',
    '{"jsonrpc": "2.0","id":7,"result":{}}',
    '{"jsonrpc":"2.0","result":{},"id":7}',
    '{"result":{},"jsonrpc":"2.0","id":7.0}',
    '{"result":{},"jsonrpc":"2.0","id":}',
    '{"result":{},"jsonrpc":"2.0","id":7} ',
    '{"result":{},"id":7,"jsonrpc":"2.0"}',
    '{"method":{},"jsonrpc":"2.0","id":7}',
    '{"result":7}',
    '',
  ])('leaves to a scan what these do not tell: %s', (text) => {
    expect(outlineAnswer(Buffer.from(text))).toBeUndefined()
  })

  it('says of a usable frame nothing but what a scan says', () => {
    fc.assert(
      fc.property(frameText(), (text) => {
        const bytes = Buffer.from(text)
        const frame = scanFrame(bytes)
        fc.pre(frame.kind !== 'unusable')
        expect(frame).toMatchObject(outlineAnswer(bytes) ?? {})
      }),
      { numRuns: RUNS },
    )
  })
})

/** Members in any order, whose values look like the end or the beginning of a frame. */
function frameText(): fc.Arbitrary<string> {
  const pieces = [',"id":', '{"result":', '{"jsonrpc":"2.0","id":', '"', '\\', '5', '}', ':']
  const text = fc.array(fc.constantFrom(...pieces), { maxLength: 6 }).map((some) => JSON.stringify(some.join('')))
  const id = fc.constantFrom('0', '7', '12', '-1', '1.0', '"7"', '9007199254740993')
  const value = fc.oneof(
    text,
    id.map((one) => `{"result":{},"jsonrpc":"2.0","id":${one}}`),
    fc.constant('{"jsonrpc":"2.0","id":5,"result":{}}'),
    id,
  )
  const kind = fc.constantFrom('"result"', '"result"', '"error"', '"method"', '"x"')
  const said = fc.tuple(kind, value).map(([name, one]) => `${name}:${one}`)
  const more = fc.array(fc.tuple(fc.constantFrom('"x"', '"params"', '"y"'), value), { maxLength: 2 })
  return fc
    .tuple(id, said, more)
    .chain(([own, one, others]) => {
      const members = ['"jsonrpc":"2.0"', `"id":${own}`, one, ...others.map((other) => other.join(':'))]
      return fc.shuffledSubarray(members, { minLength: 3 })
    })
    .map((members) => `{${members.join(',')}}`)
}
