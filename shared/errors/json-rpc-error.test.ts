import { describe, expect, it } from 'vitest'
import { toJsonRpcError } from './json-rpc-error.ts'

describe('toJsonRpcError', () => {
  it.each([
    ['server_unavailable', -32010],
    ['overloaded', -32011],
    ['shutting_down', -32014],
    ['connection_closed', -32000],
    ['timeout', -32001],
    ['internal', -32603],
  ] as const)('lets what ended with %s be repeated where the server never had it, and only there', (code, number) => {
    const failure = { code, message: 'Why.' }
    expect(toJsonRpcError('s', failure, { delivered: 'no' })).toMatchObject({ code: number, data: { retryable: true } })
    for (const delivered of ['unknown', 'yes'] as const) {
      expect(toJsonRpcError('s', failure, { delivered }).data).toStrictEqual({
        server: 's',
        delivered,
        retryable: false,
      })
    }
  })

  it.each([
    ['invalid_request', -32602],
    ['unauthenticated', -32600],
    ['forbidden', -32600],
    ['unknown_server', -32602],
    ['unknown_tool', -32602],
    ['too_large', -32012],
    ['tool_withheld', -32013],
  ] as const)('lets nothing be repeated that would end with %s again', (code, number) => {
    const data = { server: 's', delivered: 'no', retryable: false }
    expect(toJsonRpcError('s', { code, message: 'Why.' })).toStrictEqual({ code: number, message: 'Why.', data })
  })

  it('says when to try again and which request it was, where that is known', () => {
    const failure = { code: 'overloaded', message: 'Why.', retryAfterMs: 0 } as const
    const { data } = toJsonRpcError('s', failure, { delivered: 'no', requestId: 7 })
    expect(data).toStrictEqual({ server: 's', delivered: 'no', retryable: true, retryAfterMs: 0, requestId: 7 })
  })
})
