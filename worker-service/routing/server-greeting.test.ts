import { describe, expect, it } from 'vitest'
import { greetingFor, listsOf, parseGreeting } from './server-greeting.ts'

const FRAME =
  '{"result":{"instructions":"é","protocolVersion":"2025-11-25","x":[1, 2]},"jsonrpc":"2.0","id":1,"extra":{"id":9}}'

describe('a server greeting', () => {
  it('is given byte for byte under another id', () => {
    const greeting = parse(FRAME)
    expect(greetingFor(greeting, Buffer.from('"é"').toString('latin1'), '2025-11-25').toString()).toBe(
      FRAME.replace('"id":1', '"id":"é"'),
    )
  })

  it('keeps a version in the bytes it came in', () => {
    const escaped = FRAME.replace('2025-11-25', '2025\\u002d11-25')
    expect(greetingFor(parse(escaped), '1', '2025-11-25').toString()).toBe(escaped)
  })

  it('is given in the version of a client that knows an older one', () => {
    expect(greetingFor(parse(FRAME), '1', '2024-11-05').toString()).toBe(FRAME.replace('2025-11-25', '2024-11-05'))
    expect(greetingFor(parse(FRAME), '1', '2099-01-01').toString()).toBe(FRAME)
  })

  it('outlives the bytes it was read from', () => {
    const bytes = Buffer.from(FRAME)
    const greeting = parseGreeting(bytes)
    bytes.fill(0)
    expect(greeting?.bytes.toString()).toBe(FRAME)
    expect(greeting?.protocolVersion).toBe('2025-11-25')
  })

  it('tells which lists the server has', () => {
    const capabilities = '{"resources":{},"logging":{},"prompts":null,"tools":{"listChanged":true}}'
    const says = (members: string) => listsOf(parse(FRAME.replace('"x"', `${members}"x"`)))
    expect(says(`"capabilities":${capabilities},`)).toEqual(['tools', 'resources'])
    expect(says('"capabilities":[],')).toEqual([])
    expect(says('')).toEqual([])
  })

  it.each([
    '{"jsonrpc":"2.0","id":1,"result":{}}',
    '{"jsonrpc":"2.0","id":1,"result":null}',
    '{"jsonrpc":"2.0","id":1,"result":{"protocolVersion":7}}',
    '{"jsonrpc":"2.0","id":1,"result":{"protocolVersion":"a","protocolVersion":"b"}}',
    '{"jsonrpc":"2.0","id":1,"error":{"protocolVersion":"a"}}',
    '{"jsonrpc":"2.0","result":{"protocolVersion":"a"}}',
  ])('is none without a version: %s', (text) => {
    expect(parseGreeting(Buffer.from(text))).toBeUndefined()
  })
})

function parse(text: string) {
  const greeting = parseGreeting(Buffer.from(text))
  if (greeting === undefined) throw new Error('no greeting')
  return greeting
}
