import { describe, expect, it } from 'vitest'
import { ABLE, RouterScenario } from '../../test/fixtures/router-scenario.ts'

describe('a server that has forgotten its session', () => {
  it('is told again what clients have set, and clients that its lists may be others', () => {
    const scenario = RouterScenario.ready({ a: {}, b: {} })
    scenario.request('a', '1', 'logging/setLevel', '{"level":"error"}')
    scenario.server('{"jsonrpc":"2.0","id":2,"result":{}}')
    scenario.request('a', '1', 'resources/subscribe', '{"uri":"file:///a"}')
    scenario.server('{"jsonrpc":"2.0","id":3,"result":{}}')
    expect(scenario.renew()).toEqual([
      'started 4 - logging/setLevel',
      'to server {"jsonrpc":"2.0","id":4,"method":"logging/setLevel","params":{"level":"info"}}',
      'started 5 - resources/subscribe',
      'to server {"jsonrpc":"2.0","id":5,"method":"resources/subscribe","params":{"uri":"file:///a"}}',
      'list-changed tools',
      'to a {"jsonrpc":"2.0","method":"notifications/tools/list_changed"}',
      'to b {"jsonrpc":"2.0","method":"notifications/tools/list_changed"}',
    ])
  })

  it('is asked for no subscription that it has not confirmed in the new one', () => {
    const scenario = RouterScenario.ready({ a: {}, b: {} })
    scenario.request('a', '1', 'resources/subscribe', '{"uri":"file:///a"}')
    scenario.server('{"jsonrpc":"2.0","id":2,"result":{}}')
    scenario.renew()
    const again = scenario.request('b', '1', 'resources/subscribe', '{"uri":"file:///a"}')
    expect(again.at(-1)).toMatch(/^to server .*"resources\/subscribe"/)
  })

  it('is sent nothing twice, and what it answers to calls of before still counts', () => {
    const scenario = RouterScenario.ready({ a: {} })
    scenario.request('a', '1', 'tools/call')
    expect(scenario.renew().filter((line) => line.startsWith('to server'))).toEqual([])
    expect(scenario.server('{"jsonrpc":"2.0","id":2,"result":{}}')).toEqual([
      'to a {"jsonrpc":"2.0","id":1,"result":{}}',
      'finished 2 answered',
    ])
  })

  it('waits no more for what it had asked', () => {
    const scenario = RouterScenario.ready({ a: ABLE })
    scenario.server('{"jsonrpc":"2.0","id":0,"method":"roots/list"}')
    const params = '{"requestId":1,"reason":"The server no longer waits for an answer."}'
    expect(scenario.renew()[0]).toBe(`to a {"jsonrpc":"2.0","method":"notifications/cancelled","params":${params}}`)
    scenario.server('{"jsonrpc":"2.0","id":0,"method":"roots/list"}')
    expect(scenario.client('a', '{"jsonrpc":"2.0","id":1,"result":{}}')).toEqual(['drop client unknown-answer'])
    expect(scenario.client('a', '{"jsonrpc":"2.0","id":2,"result":{}}')).toEqual([
      'to server {"jsonrpc":"2.0","id":0,"result":{}}',
    ])
  })

  it('is left alone while it is not ready', () => {
    const scenario = new RouterScenario()
    expect(scenario.renew()).toEqual([])
    scenario.router.serverOpened()
    expect(scenario.renew()).toEqual([])
  })
})
