import { describe, expect, it } from 'vitest'
import { errorFrame, RpcError, readFrame, resultFrame } from './json-rpc.ts'

const read = (text: string | Buffer) => readFrame(Buffer.from(text as string))
const refusal = (text: string | Buffer) => {
  const frame = read(text)
  return frame.kind === 'bad' ? [frame.error.code, frame.id] : frame.kind
}

describe('readFrame', () => {
  it('reads a request', () => {
    expect(read('{"jsonrpc":"2.0","id":7,"method":"ping","params":{"a":1}}')).toEqual({
      kind: 'request',
      id: 7,
      method: 'ping',
      params: { a: 1 },
    })
  })

  it('reads a notification', () => {
    const frame = read('{"jsonrpc":"2.0","method":"notifications/initialized"}')
    expect(frame).toEqual({ kind: 'notification', method: 'notifications/initialized', params: undefined })
  })

  it.each([0, -1, 1, Number.MAX_SAFE_INTEGER, '', '1', 'ü"\\', 'x'.repeat(10_000)])(
    'keeps the id as it came (%#)',
    (id) => {
      expect(read(JSON.stringify({ jsonrpc: '2.0', id, method: 'ping' }))).toMatchObject({ kind: 'request', id })
    },
  )

  it.each([
    ['text', 'hello'],
    ['half a message', '{"jsonrpc":"2.0"'],
    ['a BOM', '\ufeff{"jsonrpc":"2.0","id":1,"method":"ping"}'],
    ['bytes that are not UTF-8', Buffer.from([0x22, 0xff, 0x22])],
  ])('refuses %s with a parse error', (_, text) => {
    expect(refusal(text)).toEqual([-32700, null])
  })

  it.each([
    ['a batch', '[{"jsonrpc":"2.0","id":1,"method":"ping"}]'],
    ['null', 'null'],
    ['a number', '1'],
    ['an id null', '{"jsonrpc":"2.0","id":null,"method":"ping"}'],
    ['an id 1.5', '{"jsonrpc":"2.0","id":1.5,"method":"ping"}'],
    ['an id beyond the safe integers', '{"jsonrpc":"2.0","id":9007199254740993,"method":"ping"}'],
    ['an id that is an object', '{"jsonrpc":"2.0","id":{},"method":"ping"}'],
    ['an id that is a boolean', '{"jsonrpc":"2.0","id":true,"method":"ping"}'],
    ['no method and no result', '{"jsonrpc":"2.0"}'],
    ['a million nested arrays', '['.repeat(1_000_000)],
    ['65 levels', `{"jsonrpc":"2.0","id":1,"method":"ping","params":${'{"a":'.repeat(64)}1${'}'.repeat(64)}}`],
  ])('refuses %s as an invalid request without an id', (_, text) => {
    expect(refusal(text)).toEqual([-32600, null])
  })

  it.each([
    ['no jsonrpc', '{"id":5,"method":"ping"}', -32600],
    ['jsonrpc 1.0', '{"jsonrpc":"1.0","id":5,"method":"ping"}', -32600],
    ['a method that is a number', '{"jsonrpc":"2.0","id":5,"method":1}', -32600],
    ['params that are an array', '{"jsonrpc":"2.0","id":5,"method":"ping","params":[]}', -32602],
    ['params null', '{"jsonrpc":"2.0","id":5,"method":"ping","params":null}', -32602],
  ])('refuses %s under the id it came with', (_, text, code) => {
    expect(refusal(text)).toEqual([code, 5])
  })

  it.each([
    ['a response to nothing', '{"jsonrpc":"2.0","id":1,"result":{}}'],
    ['an error to nothing', '{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":""}}'],
    ['a notification whose params are broken', '{"jsonrpc":"2.0","method":"x","params":1}'],
  ])('ignores %s', (_, text) => {
    expect(refusal(text)).toBe('ignored')
  })

  it('takes 64 levels', () => {
    const text = `{"jsonrpc":"2.0","id":1,"method":"ping","params":${'{"a":'.repeat(62)}{}${'}'.repeat(62)}}`
    expect(read(text)).toMatchObject({ kind: 'request' })
  })
})

describe('frames to the client', () => {
  it('carry the result as it is and the id as it came', () => {
    expect(resultFrame('1"', '{"a": 1}')).toBe('{"jsonrpc":"2.0","id":"1\\"","result":{"a": 1}}')
    expect(resultFrame(1, '{}')).toBe('{"jsonrpc":"2.0","id":1,"result":{}}')
  })

  it('carry a refusal with its code', () => {
    expect(JSON.parse(errorFrame(null, new RpcError(-32700, 'Not JSON.')))).toEqual({
      jsonrpc: '2.0',
      id: null,
      error: { code: -32700, message: 'Not JSON.' },
    })
  })
})
