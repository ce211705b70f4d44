import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type RequestFrame, scanFrame } from '../../shared/frames/frame-scan.ts'
import { readWrappedCall } from './call-tool.ts'

function unwrap(args: string, tool = 'own', rest = ''): string {
  const params = `{"name":"call_tool","arguments":${args}${rest}}`
  const frame = scanFrame(Buffer.from(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":${params}}`))
  return readWrappedCall(frame as RequestFrame)
    .unwrap(tool)
    .toString()
}

const call = (params: string) => `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":${params}}`

describe('readWrappedCall', () => {
  it('leaves every byte of the arguments and of what stands beside them as it came', () => {
    const args = '{ "a":1.0, "big":12345678901234567890,"ü":"\\u00fc\\n" ,"a":2}'
    const rest = ', "_meta":{"progressToken":"x","y":1.50}'
    const expected = call(`{"name":"own","arguments":${args}${rest}}`)
    expect(unwrap(`{"tool":"s/own","arguments":${args}}`, 'own', rest)).toBe(expected)
    expect(unwrap(`{"x":[1],"arguments":${args},"tool":"s/own"}`, 'own', rest)).toBe(expected)
  })

  it('takes the place of the name wherever it stands', () => {
    const frame = scanFrame(Buffer.from(call('{"arguments":{"arguments":{},"tool":"a"},"name":"call_tool"}')))
    expect(
      readWrappedCall(frame as RequestFrame)
        .unwrap('größe "x"')
        .toString(),
    ).toBe(call('{"arguments":{},"name":"größe \\"x\\""}'))
  })

  it('makes of JSON text the object that it is, on one line', () => {
    const text = JSON.stringify({ tool: 'a', arguments: '{\n\t"a": 1.0,\r\n"ü": "x\\ny"\n}' })
    expect(unwrap(text)).toBe(call('{"name":"own","arguments":{ \t"a": 1.0,  "ü": "x\\ny" }}'))
  })

  it('calls without arguments where there are none, and not where they stand in the wrong place', () => {
    expect(unwrap('{"tool":"a"}')).toBe(call('{"name":"own","arguments":{}}'))
    expect(() => unwrap('{"tool":"a","x":1,"y":2}')).toThrow(
      'call_tool: what the tool takes stands under "arguments", not beside "tool", as "x" does.',
    )
  })

  it('is the same whether the arguments are an object or its JSON text', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue({ maxDepth: 5 })),
        fc.string(),
        (args, tool) => {
          const asObject = JSON.parse(unwrap(JSON.stringify({ tool: 'a', arguments: args }), tool)) as unknown
          const asText = JSON.parse(
            unwrap(JSON.stringify({ tool: 'a', arguments: JSON.stringify(args) }), tool),
          ) as unknown
          expect(asText).toEqual(asObject)
          const sent = JSON.parse(JSON.stringify(args)) as unknown
          expect(asObject).toMatchObject({ params: { name: tool, arguments: sent } })
        },
      ),
    )
  })

  it.each([
    ['{"tool":"a","tool":"b"}', 'must not stand there twice'],
    ['{"arguments":{}}', '"tool" is required'],
    ['[]', '"tool" is required'],
    ['{"tool":"a","arguments":1}', '"arguments" must be an object'],
  ])('refuses %s', (args, problem) => {
    expect(() => unwrap(args)).toThrow(
      expect.objectContaining({ code: 'invalid_request', message: expect.stringContaining(problem) }),
    )
  })
})
