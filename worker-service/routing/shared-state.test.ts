import { describe, expect, it } from 'vitest'
import { RouterScenario } from '../../test/fixtures/router-scenario.ts'

// What a server keeps once per connection and each client believes to be its own: subscriptions and the log level.

const done = (id: number) => `{"jsonrpc":"2.0","id":${id},"result":{}}`
const failed = (id: number) => `{"jsonrpc":"2.0","id":${id},"error":{"code":-32601,"message":"no"}}`

describe('subscriptions of several clients', () => {
  it('are one at the server', () => {
    const scenario = RouterScenario.ready({ a: {}, b: {} })
    expect(subscribe(scenario, 'a')).toEqual([
      'started 2 a resources/subscribe',
      'to server {"jsonrpc":"2.0","id":2,"method":"resources/subscribe","params":{"uri":"file:///a"}}',
    ])
    expect(scenario.server(done(2))).toEqual([`to a ${done(1)}`, 'finished 2 answered'])
    expect(subscribe(scenario, 'b')).toEqual([
      'started 3 b resources/subscribe',
      `to b ${done(1)}`,
      'finished 3 answered',
    ])
    expect(unsubscribe(scenario, 'a')).toEqual([
      'started 4 a resources/unsubscribe',
      `to a ${done(1)}`,
      'finished 4 answered',
    ])
    expect(unsubscribe(scenario, 'b')).toEqual([
      'started 5 b resources/unsubscribe',
      'to server {"jsonrpc":"2.0","id":5,"method":"resources/unsubscribe","params":{"uri":"file:///a"}}',
    ])
    expect(scenario.server(done(5))).toEqual([`to b ${done(1)}`, 'finished 5 answered'])
    expect(subscribe(scenario, 'a')).toHaveLength(2)
  })

  it('bring an update to those who subscribed, and to nobody else', () => {
    const scenario = RouterScenario.ready({ a: {}, b: {}, c: {} })
    subscribe(scenario, 'a')
    subscribe(scenario, 'b', 'file:///a/')
    subscribe(scenario, 'c', 'file:///c')
    expect(scenario.server(updated('file:///a'))).toEqual([`to a ${updated('file:///a')}`])
    expect(scenario.server(updated('file:///a/x'))).toEqual([
      `to a ${updated('file:///a/x')}`,
      `to b ${updated('file:///a/x')}`,
    ])
    expect(scenario.server(updated('file:///d'))).toEqual(['drop server nobody-to-tell'])
    expect(scenario.server('{"jsonrpc":"2.0","method":"notifications/resources/updated"}')).toEqual([
      'drop server nobody-to-tell',
    ])
  })

  it('end at the server when the last client is gone', () => {
    const scenario = RouterScenario.ready({ a: {}, b: {} })
    subscribe(scenario, 'a')
    scenario.server(done(2))
    subscribe(scenario, 'b')
    expect(scenario.closeClient('a')).toEqual([])
    expect(scenario.closeClient('b')).toEqual([
      'started 4 - resources/unsubscribe',
      'to server {"jsonrpc":"2.0","id":4,"method":"resources/unsubscribe","params":{"uri":"file:///a"}}',
    ])
    expect(scenario.server(done(4))).toEqual(['finished 4 answered'])
    expect(scenario.router.size()).toBe(0)
  })

  it('end quietly where no server is connected', () => {
    const scenario = RouterScenario.ready({ a: {} })
    subscribe(scenario, 'a')
    scenario.server(done(2))
    scenario.crash()
    expect(scenario.closeClient('a')).toEqual([])
    expect(scenario.router.size()).toBe(0)
  })

  it('that the server refuses are none', () => {
    const scenario = RouterScenario.ready({ a: {} })
    subscribe(scenario, 'a')
    expect(scenario.server(failed(2))[0]).toBe(`to a ${failed(1)}`)
    expect(scenario.server(updated('file:///a'))).toEqual(['drop server nobody-to-tell'])
    expect(scenario.closeClient('a')).toEqual([])
    expect(scenario.router.size()).toBe(0)
  })

  it.each(['cancel', 'deadline', 'disconnect'])('that may have come to be before a %s are ended', (end) => {
    const scenario = RouterScenario.ready({ a: {} })
    subscribe(scenario, 'a')
    const cancel = '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}'
    const ends = {
      cancel: () => scenario.client('a', cancel),
      deadline: () => scenario.expire(2),
      disconnect: () => scenario.closeClient('a'),
    }
    const toServer = ends[end as keyof typeof ends]().filter((line) => line.startsWith('to server'))
    expect(toServer).toEqual([
      expect.stringContaining('"method":"notifications/cancelled","params":{"requestId":2'),
      'to server {"jsonrpc":"2.0","id":3,"method":"resources/unsubscribe","params":{"uri":"file:///a"}}',
    ])
  })

  it.each(['loss of the server', 'unusable answer'])('that fail by a %s are none', (end) => {
    const scenario = RouterScenario.ready({ a: {}, b: {} })
    subscribe(scenario, 'a')
    if (end === 'unusable answer') scenario.server('{"id":2,"result":{}}')
    else scenario.crash()
    expect(scenario.closeClient('a')).toEqual([])
    scenario.closeClient('b')
    expect(scenario.router.size()).toBe(0)
  })

  it('that a client has already outlive another request for them that never reached the server', () => {
    const scenario = RouterScenario.ready({ a: {} })
    subscribe(scenario, 'a')
    scenario.server(done(2))
    scenario.crash()
    subscribe(scenario, 'a')
    scenario.crash()
    expect(scenario.restart().at(-1)).toContain('"resources/subscribe","params":{"uri":"file:///a"}')
  })

  it('are left to others when one of them gives up its own', () => {
    const scenario = RouterScenario.ready({ a: {}, b: {} })
    subscribe(scenario, 'a')
    subscribe(scenario, 'b')
    expect(scenario.expire(2).filter((line) => line.includes('unsubscribe'))).toEqual([])
    expect(scenario.server(updated('file:///a'))).toEqual([`to b ${updated('file:///a')}`])
  })

  it('are not confirmed by the answer to anything else about the resource', () => {
    const scenario = RouterScenario.ready({ a: {}, b: {}, c: {} })
    subscribe(scenario, 'a')
    scenario.server(done(2))
    expect(scenario.closeClient('a')[0]).toBe('started 3 - resources/unsubscribe')
    expect(subscribe(scenario, 'b')).toHaveLength(2)
    scenario.server(done(3))
    scenario.request('b', '2', 'resources/read', '{"uri":"file:///a"}')
    scenario.server(done(5))
    expect(subscribe(scenario, 'c')[1]).toBe(
      'to server {"jsonrpc":"2.0","id":6,"method":"resources/subscribe","params":{"uri":"file:///a"}}',
    )
  })

  it('that were asked of a server that was lost are not made known to the next', () => {
    const scenario = RouterScenario.ready({ a: {} })
    subscribe(scenario, 'a')
    scenario.crash()
    expect(scenario.restart().filter((line) => line.includes('resources/subscribe'))).toEqual([])
    expect(scenario.server(updated('file:///a'))).toEqual(['drop server nobody-to-tell'])
  })

  it('are made known to a server that starts anew', () => {
    const scenario = RouterScenario.ready({ a: {}, b: {} })
    subscribe(scenario, 'a')
    scenario.server(done(2))
    scenario.crash()
    expect(scenario.restart().slice(-2)).toEqual([
      'started 4 - resources/subscribe',
      'to server {"jsonrpc":"2.0","id":4,"method":"resources/subscribe","params":{"uri":"file:///a"}}',
    ])
    expect(subscribe(scenario, 'b')).toHaveLength(2)
    expect(scenario.server(done(4))).toEqual(['finished 4 answered'])
    unsubscribe(scenario, 'a')
    expect(subscribe(scenario, 'a')).toHaveLength(3)
  })

  it('are made known only after the handshake, also where no client completed its own', () => {
    const scenario = RouterScenario.ready({})
    scenario.router.clientOpened('a')
    scenario.request('a', '0', 'initialize', '{"protocolVersion":"2025-11-25","capabilities":{}}')
    subscribe(scenario, 'a')
    scenario.server(done(2))
    scenario.crash()
    expect(scenario.restart().slice(-3)).toEqual([
      'to server {"jsonrpc":"2.0","method":"notifications/initialized"}',
      'started 4 - resources/subscribe',
      'to server {"jsonrpc":"2.0","id":4,"method":"resources/subscribe","params":{"uri":"file:///a"}}',
    ])
  })

  it('are asked for again where the server that started anew refused them', () => {
    const scenario = RouterScenario.ready({ a: {} })
    subscribe(scenario, 'a')
    scenario.server(done(2))
    scenario.crash()
    scenario.restart()
    scenario.server(failed(4))
    expect(subscribe(scenario, 'a')).toHaveLength(2)
  })

  it('without a URI are the server’s to refuse', () => {
    const scenario = RouterScenario.ready({ a: {} })
    for (const [index, method] of ['resources/subscribe', 'resources/unsubscribe'].entries()) {
      expect(scenario.request('a', `${index}`, method, '{"uri":7}')).toHaveLength(2)
      expect(scenario.server(failed(index + 2))).toHaveLength(2)
    }
    scenario.request('a', '7', 'resources/subscribe', '{}')
    expect(scenario.server(done(4))).toHaveLength(2)
    scenario.request('a', '8', 'resources/subscribe', '{}')
    expect(scenario.expire(5)).toHaveLength(3)
    scenario.closeClient('a')
    expect(scenario.router.size()).toBe(0)
  })

  it('are no business of other requests that name a resource', () => {
    const scenario = RouterScenario.ready({ a: {} })
    subscribe(scenario, 'a')
    scenario.request('a', '2', 'resources/read', '{"uri":"file:///a"}')
    scenario.server(failed(3))
    expect(scenario.server(updated('file:///a'))).toEqual([`to a ${updated('file:///a')}`])
    scenario.server(failed(2))
    scenario.request('a', '3', 'resources/read', '{"uri":"file:///b"}')
    scenario.server(done(4))
    expect(scenario.expire(4)).toEqual([])
    scenario.request('a', '4', 'resources/read', '{"uri":"file:///b"}')
    expect(scenario.expire(5)).toHaveLength(3)
  })
})

describe('log levels of several clients', () => {
  it('are the most verbose of all at the server, and each its own in what a client gets', () => {
    const scenario = RouterScenario.ready({ a: {}, b: {} })
    expect(setLevel(scenario, 'a', 'error')).toEqual([
      'started 2 a logging/setLevel',
      'to server {"jsonrpc":"2.0","id":2,"method":"logging/setLevel","params":{"level":"info"}}',
    ])
    expect(scenario.server(done(2))).toEqual([`to a ${done(1)}`, 'finished 2 answered'])
    expect(setLevel(scenario, 'b', 'debug')[1]).toBe(
      'to server {"jsonrpc":"2.0","id":3,"method":"logging/setLevel","params":{"level":"debug"}}',
    )
    scenario.server(done(3))
    expect(scenario.server(message('debug'))).toEqual([`to b ${message('debug')}`])
    expect(readers(scenario, 'error')).toEqual(['to a', 'to b'])
    expect(setLevel(scenario, 'b', 'warning')[1]).toContain('"level":"warning"')
  })

  it('are not told to the server twice', () => {
    const scenario = RouterScenario.ready({ a: {}, b: {} })
    setLevel(scenario, 'a', 'debug')
    scenario.server(done(2))
    expect(setLevel(scenario, 'b', 'error')).toEqual([
      'started 3 b logging/setLevel',
      `to b ${done(1)}`,
      'finished 3 answered',
    ])
  })

  it('leave the choice to the server until somebody sets one', () => {
    const scenario = RouterScenario.ready({ a: {}, b: {} })
    expect(readers(scenario, 'debug')).toEqual(['to a', 'to b'])
    setLevel(scenario, 'a', 'debug')
    scenario.server(done(2))
    expect(readers(scenario, 'debug')).toEqual(['to a'])
    expect(readers(scenario, 'info')).toEqual(['to a', 'to b'])
  })

  it('count as info for a client that set none, also for one that comes later', () => {
    const scenario = RouterScenario.ready({ a: {} })
    expect(setLevel(scenario, 'a', 'error')[1]).toContain('"level":"error"')
    scenario.server(done(2))
    expect(scenario.join('b').slice(1)).toEqual([
      'started 3 - logging/setLevel',
      'to server {"jsonrpc":"2.0","id":3,"method":"logging/setLevel","params":{"level":"info"}}',
    ])
    expect(scenario.server(done(3))).toEqual(['finished 3 answered'])
    expect(scenario.join('c').slice(1)).toEqual([])
  })

  it('are no business of the service itself', () => {
    const scenario = RouterScenario.ready({ a: {} })
    setLevel(scenario, 'a', 'error')
    scenario.server(done(2))
    expect(scenario.join('us', {}, { isService: true }).slice(1)).toEqual([])
    expect(readers(scenario, 'error')).toEqual(['to a'])
  })

  it('go back when the client that wanted more is gone', () => {
    const scenario = RouterScenario.ready({ a: {}, b: {} })
    setLevel(scenario, 'a', 'debug')
    setLevel(scenario, 'b', 'error')
    expect(scenario.closeClient('a').slice(-2)).toEqual([
      'started 4 - logging/setLevel',
      'to server {"jsonrpc":"2.0","id":4,"method":"logging/setLevel","params":{"level":"error"}}',
    ])
    scenario.server(done(4))
    expect(scenario.closeClient('b')).toEqual([])
    expect(scenario.join('c').slice(1)).toEqual([
      'started 5 - logging/setLevel',
      'to server {"jsonrpc":"2.0","id":5,"method":"logging/setLevel","params":{"level":"info"}}',
    ])
  })

  it('are told to a server that starts anew', () => {
    const scenario = RouterScenario.ready({ a: {} })
    setLevel(scenario, 'a', 'warning')
    scenario.server(done(2))
    scenario.crash()
    expect(scenario.restart().slice(-2)).toEqual([
      'started 4 - logging/setLevel',
      'to server {"jsonrpc":"2.0","id":4,"method":"logging/setLevel","params":{"level":"warning"}}',
    ])
  })

  it('that change while no server is connected reach the next', () => {
    const scenario = RouterScenario.ready({ a: {}, b: {} })
    setLevel(scenario, 'a', 'debug')
    setLevel(scenario, 'b', 'error')
    scenario.crash()
    expect(scenario.closeClient('a')).toEqual([])
    expect(scenario.restart().at(-1)).toContain('"params":{"level":"error"}')
  })

  it('are told again to a server that may not have taken one', () => {
    const scenario = RouterScenario.ready({ a: {} })
    setLevel(scenario, 'a', 'error')
    expect(scenario.server(failed(2))[0]).toBe(`to a ${failed(1)}`)
    expect(setLevel(scenario, 'a', 'error')).toHaveLength(2)
    scenario.expire(3)
    expect(setLevel(scenario, 'a', 'error')).toHaveLength(2)
    scenario.server('{"id":4,"result":{}}')
    expect(setLevel(scenario, 'a', 'error')).toHaveLength(2)
  })

  it('stand where another request fails', () => {
    const scenario = RouterScenario.ready({ a: {} })
    setLevel(scenario, 'a', 'error')
    scenario.server(done(2))
    scenario.request('a', '2', 'tools/call')
    scenario.server(failed(3))
    expect(setLevel(scenario, 'a', 'error')).toEqual([
      'started 4 a logging/setLevel',
      `to a ${done(1)}`,
      'finished 4 answered',
    ])
  })

  it('that MCP does not know are the server’s to refuse', () => {
    const scenario = RouterScenario.ready({ a: {} })
    expect(setLevel(scenario, 'a', 'trace')[1]).toContain('"params":{"level":"trace"}')
    expect(readers(scenario, 'debug')).toEqual(['to a'])
    expect(readers(scenario, 'trace')).toEqual(['to a'])
  })

  it('keep a message from those who want none of it', () => {
    const scenario = RouterScenario.ready({ a: {} })
    setLevel(scenario, 'a', 'error')
    expect(readers(scenario, 'info')).toEqual(['drop server nobody-to-tell'])
  })

  it('apply to a message on the stream of one client’s request as well, which is for nobody else', () => {
    const scenario = RouterScenario.ready({ a: {}, b: {} })
    scenario.request('a', '7', 'tools/call')
    expect(readers(scenario, 'debug', 2)).toEqual(['to a'])
    expect(readers(scenario, 'debug', 99)).toEqual(['drop server nobody-to-tell'])
    setLevel(scenario, 'a', 'error')
    expect(readers(scenario, 'info', 2)).toEqual(['drop server nobody-to-tell'])
    scenario.router.ping()
    expect(readers(scenario, 'error', 4)).toEqual(['to a', 'to b'])
  })
})

function subscribe(scenario: RouterScenario, client: string, uri = 'file:///a'): string[] {
  return scenario.request(client, '1', 'resources/subscribe', `{"uri":"${uri}"}`)
}

function unsubscribe(scenario: RouterScenario, client: string, uri = 'file:///a'): string[] {
  return scenario.request(client, '1', 'resources/unsubscribe', `{"uri":"${uri}"}`)
}

function updated(uri: string): string {
  return `{"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"${uri}"}}`
}

function setLevel(scenario: RouterScenario, client: string, level: string): string[] {
  return scenario.request(client, '1', 'logging/setLevel', `{"level":"${level}"}`)
}

function message(level: string): string {
  return `{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"${level}","data":1}}`
}

function readers(scenario: RouterScenario, level: string, relatedTo?: number): string[] {
  return scenario.server(message(level), relatedTo).map((line) => line.replace(/ \{.*/, ''))
}
