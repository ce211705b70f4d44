import { describe, expect, it } from 'vitest'
import { RouterScenario } from '../../test/fixtures/router-scenario.ts'

describe('a request that gets no answer', () => {
  it('ends at once with the reason, and others go on', () => {
    const scenario = RouterScenario.ready({ a: {} })
    scenario.request('a', '1', 'tools/call')
    scenario.request('a', '2', 'tools/call')
    expect(scenario.fail(2)).toEqual([
      failed(2, -32600, 'everything wants a login.', '"delivered":"no","retryable":false'),
      'finished 2 failed',
    ])
    expect(scenario.fail(2)).toEqual([])
    expect(scenario.server('{"jsonrpc":"2.0","id":2,"result":{}}')).toEqual(['drop server late-answer'])
    expect(scenario.server('{"jsonrpc":"2.0","id":3,"result":{}}')).toEqual([
      'to a {"jsonrpc":"2.0","id":2,"result":{}}',
      'finished 3 answered',
    ])
  })

  it('may be repeated where the server never had it, after the time that the server asks for', () => {
    const scenario = RouterScenario.ready({ a: {} })
    scenario.request('a', '1', 'tools/call')
    const message = 'everything asks to be called less often.'
    expect(scenario.fail(2, { code: 'overloaded', message, retryAfterMs: 250 })).toEqual([
      failed(2, -32011, message, '"delivered":"no","retryable":true,"retryAfterMs":250'),
      'finished 2 failed',
    ])
  })

  it('is not to be repeated where the server may have it, and the server hears that nobody waits', () => {
    const scenario = RouterScenario.ready({ a: {} })
    scenario.request('a', '1', 'tools/call')
    const message = 'everything closed the connection.'
    expect(scenario.fail(2, { code: 'connection_closed', message, delivered: 'unknown' })).toEqual([
      failed(2, -32000, message, '"delivered":"unknown","retryable":false'),
      'finished 2 failed',
      `to server {"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":2,"reason":"${message}"}}`,
    ])
  })

  it('costs nothing where it waits, as nobody else can have it', () => {
    const scenario = RouterScenario.ready({ a: {} })
    scenario.crash()
    scenario.request('a', '1', 'tools/call')
    expect(scenario.fail(2)).toEqual([])
  })
})

describe('an answer that is too large', () => {
  const TOO_LARGE = 'everything sent an answer to tools/call that is too large. Raise its \\"maxMessageBytes\\".'
  const ended = (requestId: number) => [
    'drop server too-large',
    failed(requestId, -32012, TOO_LARGE, '"delivered":"yes","retryable":false'),
    `finished ${requestId} failed`,
  ]

  it('ends the request that it answers', () => {
    const scenario = RouterScenario.ready({ a: {} })
    scenario.request('a', '1', 'tools/call')
    scenario.request('a', '2', 'tools/call')
    expect(scenario.oversized(2)).toEqual(ended(2))
    expect(scenario.oversized(2)).toEqual(['drop server too-large'])
  })

  it('ends the only request that the server has, where it cannot be told', () => {
    const scenario = RouterScenario.ready({ a: {} })
    scenario.request('a', '1', 'tools/call')
    expect(scenario.oversized('unknown')).toEqual(ended(2))
  })

  it('ends none of several, where it cannot be told', () => {
    const scenario = RouterScenario.ready({ a: {}, b: {} })
    scenario.request('a', '1', 'tools/call')
    scenario.request('b', '1', 'tools/call')
    expect(scenario.oversized('unknown')).toEqual(['drop server too-large'])
  })

  it('is none where the frame was no answer', () => {
    const scenario = RouterScenario.ready({ a: {} })
    scenario.request('a', '1', 'tools/call')
    expect(scenario.oversized('none')).toEqual(['drop server too-large'])
    expect(scenario.server('{"jsonrpc":"2.0","id":2,"result":{}}')).toHaveLength(2)
  })

  it('ends a handshake', () => {
    const scenario = new RouterScenario()
    scenario.router.serverOpened()
    expect(scenario.oversized(1)).toEqual([
      'drop server too-large',
      'finished 1 failed',
      `handshake-failed too_large ${TOO_LARGE.replace('tools/call', 'initialize').replaceAll('\\', '')}`,
    ])
  })

  it('ends what the server has, not what waits for it, where it cannot be told', () => {
    const scenario = RouterScenario.ready({ a: {} })
    scenario.crash()
    scenario.request('a', '1', 'tools/call')
    scenario.router.serverOpened()
    expect(scenario.oversized('unknown').slice(0, 2)).toEqual(['drop server too-large', 'finished 3 failed'])
  })

  it('is heard of no server that is gone', () => {
    const scenario = RouterScenario.ready({ a: {} })
    scenario.crash()
    scenario.request('a', '1', 'tools/call')
    expect(scenario.oversized(2)).toEqual([])
  })
})

describe('a deadline', () => {
  it('ends a request that the server has, and tells the server', () => {
    const scenario = RouterScenario.ready({ a: {} })
    scenario.request('a', '1', 'tools/call')
    expect(scenario.expire(2)).toEqual([
      'to a {"jsonrpc":"2.0","id":1,"error":{"code":-32001,"message":"everything did not answer tools/call in time.",' +
        '"data":{"server":"everything","delivered":"unknown","retryable":false,"requestId":2}}}',
      'finished 2 expired',
      'to server {"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":2,"reason":"everything did not answer tools/call in time."}}',
    ])
    expect(scenario.expire(2)).toEqual([])
    expect(scenario.server('{"jsonrpc":"2.0","id":2,"result":{}}')).toEqual(['drop server late-answer'])
  })

  it('ends a request that waits, which may be repeated then', () => {
    const scenario = RouterScenario.ready({ a: {} })
    scenario.crash()
    scenario.request('a', '1', 'tools/call')
    expect(scenario.expire(2)).toEqual([
      'to a {"jsonrpc":"2.0","id":1,"error":{"code":-32001,"message":"everything did not answer tools/call in time.",' +
        '"data":{"server":"everything","delivered":"no","retryable":true,"requestId":2}}}',
      'finished 2 expired',
    ])
  })

  it('of an unknown request does nothing', () => {
    expect(RouterScenario.ready({ a: {} }).expire(99)).toEqual([])
  })
})

function failed(requestId: number, code: number, message: string, details: string): string {
  const data = `{"server":"everything",${details},"requestId":${requestId}}`
  return `to a {"jsonrpc":"2.0","id":${requestId - 1},"error":{"code":${code},"message":"${message}","data":${data}}}`
}
