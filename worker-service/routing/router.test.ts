import { describe, expect, it } from 'vitest'
import { RouterScenario } from '../../test/fixtures/router-scenario.ts'

describe('a frame of a client', () => {
  it.each([
    ['hello', 'null', -32700, 'The message is not JSON from byte 0.'],
    ['[]', 'null', -32600, 'Batches are not supported: send one message at a time.'],
    ['{"id":7,"method":"tools/list"}', '7', -32600, 'The member jsonrpc must be \\"2.0\\".'],
    [
      '{"jsonrpc":"2.0","id":null,"method":"tools/list"}',
      'null',
      -32600,
      'The id must be a string of at most 1 KiB or a safe integer.',
    ],
    [
      '{"jsonrpc":"2.0","id":7,"result":{},"error":{}}',
      'null',
      -32600,
      'The message is neither a request, a notification nor a response.',
    ],
  ])('that is no message is answered: %s', (frame, id, code, message) => {
    const scenario = RouterScenario.ready({ a: {} })
    expect(scenario.client('a', frame)).toEqual([
      'drop client unusable',
      `to a {"jsonrpc":"2.0","id":${id},"error":{"code":${code},"message":"${message}",` +
        '"data":{"server":"everything","delivered":"no","retryable":false}}}',
    ])
  })

  it('that is a ping is answered here, before initialize and whether a server is there or not', () => {
    const scenario = new RouterScenario()
    scenario.router.clientOpened('a')
    expect(scenario.request('a', '"é"', 'ping')).toEqual(['to a {"jsonrpc":"2.0","id":"é","result":{}}'])
  })

  it('that answers nothing is dropped', () => {
    const scenario = RouterScenario.ready({ a: {} })
    expect(scenario.client('a', '{"jsonrpc":"2.0","id":1,"result":{}}')).toEqual(['drop client unknown-answer'])
  })

  it('of a client that is not connected is dropped', () => {
    expect(new RouterScenario().request('a', '1', 'ping')).toEqual(['drop client unknown-client'])
  })

  it('reaches a line-wise server as one line', () => {
    const scenario = RouterScenario.ready({ a: {} })
    const smuggled =
      '{"jsonrpc":"2.0","id":1,"method":"x","params":\n{"jsonrpc":"2.0","id":99,"method":"tools/call"}\r\n}'
    expect(scenario.client('a', smuggled)[1]).toBe(
      'to server {"jsonrpc":"2.0","id":2,"method":"x","params": {"jsonrpc":"2.0","id":99,"method":"tools/call"}  }',
    )
  })
})

describe('a notification of a client', () => {
  const other = '{"jsonrpc":"2.0","method":"notifications/x","params":{"n":1.50}}'
  const rootsChanged = '{"jsonrpc":"2.0","method":"notifications/roots/list_changed"}'

  it('that routing knows nothing of is passed on as it is', () => {
    expect(RouterScenario.ready({ a: {} }).client('a', other)).toEqual([`to server ${other}`])
  })

  it('is dropped while no server is ready for it', () => {
    const scenario = RouterScenario.ready({})
    scenario.router.clientOpened('a')
    expect(scenario.client('a', other)).toEqual(['drop client server-not-ready'])
    scenario.crash()
    expect(scenario.client('a', other)).toEqual(['drop client server-not-ready'])
  })

  it('of changed roots reaches the server where this client would be asked for them', () => {
    const scenario = RouterScenario.ready({ a: { roots: {} }, b: {} })
    expect(scenario.client('a', rootsChanged)).toEqual([`to server ${rootsChanged}`])
    expect(scenario.client('b', rootsChanged)).toEqual(['drop client nobody-to-tell'])
    scenario.join('c', { roots: {} })
    expect(scenario.client('a', rootsChanged)).toEqual(['drop client nobody-to-tell'])
  })
})

describe('a notification of the server', () => {
  it('is for every initialized client', () => {
    const scenario = RouterScenario.ready({ a: {}, b: {} })
    scenario.router.clientOpened('c')
    const frame = '{"jsonrpc":"2.0","method":"notifications/x","params":{"n":1.50}}'
    expect(scenario.server(frame)).toEqual([`to a ${frame}`, `to b ${frame}`])
  })

  it('that came on the stream of one client’s request is for nobody else', () => {
    const scenario = RouterScenario.ready({ a: {}, b: {} })
    scenario.request('a', '1', 'tools/call')
    const frame = '{"jsonrpc":"2.0","method":"notifications/x"}'
    expect(scenario.server(frame, 2)).toEqual([`to a ${frame}`])
    expect(scenario.server(frame, 99)).toEqual(['drop server nobody-to-tell'])
    const changed = '{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}'
    expect(scenario.server(changed, 2)).toEqual(['list-changed tools', `to a ${changed}`, `to b ${changed}`])
  })

  it('is dropped where nobody is there', () => {
    const frame = '{"jsonrpc":"2.0","method":"notifications/x"}'
    expect(RouterScenario.ready({}).server(frame)).toEqual(['drop server nobody-to-tell'])
  })

  it.each(['tools', 'prompts', 'resources'])('of changed %s is for every client, and for who keeps copies', (list) => {
    const frame = `{"jsonrpc":"2.0","method":"notifications/${list}/list_changed"}`
    expect(RouterScenario.ready({ a: {}, b: {} }).server(frame)).toEqual([
      `list-changed ${list}`,
      `to a ${frame}`,
      `to b ${frame}`,
    ])
    expect(RouterScenario.ready({}).server(frame)).toEqual([`list-changed ${list}`, 'drop server nobody-to-tell'])
  })
})

describe('Router', () => {
  it('refuses a second client of the same id, and a second server', () => {
    const { router } = RouterScenario.ready({ a: {} })
    expect(() => router.clientOpened('a')).toThrow('The client a is connected already.')
    expect(() => router.serverOpened()).toThrow('The server everything is connected already.')
    router.serverClosed({ code: 'connection_closed', message: 'gone' })
    router.serverOpened()
    expect(() => router.serverOpened()).toThrow('The server everything is connected already.')
  })

  it('says whether a client has everything it asked for', () => {
    const scenario = new RouterScenario()
    expect(scenario.router.isSettled('a')).toBe(true)
    scenario.router.clientOpened('a')
    expect(scenario.router.isSettled('a')).toBe(true)
    scenario.request('a', '1', 'initialize', '{"protocolVersion":"2025-11-25","capabilities":{}}')
    expect(scenario.router.isSettled('a')).toBe(false)
    scenario.restart()
    expect(scenario.router.isSettled('a')).toBe(true)
    scenario.request('a', '2', 'tools/call')
    expect(scenario.router.isSettled('a')).toBe(false)
    expect(scenario.router.isSettled('b')).toBe(true)
    scenario.server('{"jsonrpc":"2.0","id":2,"result":{}}')
    expect(scenario.router.isSettled('a')).toBe(true)
  })

  it('counts what it holds', () => {
    const scenario = RouterScenario.ready({ a: { roots: {} } })
    expect(scenario.router.size()).toBe(1)
    scenario.request('a', '1', 'resources/subscribe', '{"uri":"u"}')
    expect(scenario.router.size()).toBeGreaterThan(2)
    scenario.server('{"jsonrpc":"2.0","id":2,"result":{}}')
    expect(scenario.router.size()).toBe(2)
    scenario.server('{"jsonrpc":"2.0","id":2,"method":"roots/list"}')
    expect(scenario.router.size()).toBe(3)
  })
})
