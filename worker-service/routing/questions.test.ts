import { describe, expect, it } from 'vitest'
import { cancel, declined, SAMPLING } from '../../test/fixtures/router-frames.ts'
import { ABLE, RouterScenario } from '../../test/fixtures/router-scenario.ts'

const ROOTS = '{"jsonrpc":"2.0","id":0,"method":"roots/list"}'

describe('a question of the server', () => {
  it('reaches the client whose call is in flight, and its answer comes back under the very id', () => {
    const scenario = RouterScenario.ready({ a: ABLE, b: ABLE })
    scenario.request('b', '1', 'tools/call')
    expect(scenario.server(SAMPLING)).toEqual([`to b ${SAMPLING.replace('"id":"q"', '"id":1')}`])
    const answer = '{"result":{"role":"assistant","x":1.50},"id":1,"jsonrpc":"2.0"}'
    expect(scenario.client('b', answer)).toEqual([`to server ${answer.replace('"id":1', '"id":"q"')}`])
    expect(scenario.client('b', answer)).toEqual(['drop client unknown-answer'])
  })

  it('may be answered with an error', () => {
    const scenario = RouterScenario.ready({ a: ABLE })
    scenario.server(ROOTS)
    expect(scenario.client('a', '{"jsonrpc":"2.0","id":1,"error":{"code":-1,"message":"no"}}')).toEqual([
      'to server {"jsonrpc":"2.0","id":0,"error":{"code":-1,"message":"no"}}',
    ])
  })

  it('is answered by nobody else, and not under another type of id', () => {
    const scenario = RouterScenario.ready({ a: ABLE, b: ABLE })
    scenario.request('b', '1', 'tools/call')
    scenario.server(SAMPLING)
    for (const [client, id] of [
      ['a', '1'],
      ['b', '"1"'],
      ['b', '2'],
      ['b', '"q"'],
    ] as const) {
      expect(scenario.client(client, `{"jsonrpc":"2.0","id":${id},"result":{}}`)).toEqual([
        'drop client unknown-answer',
      ])
    }
    expect(scenario.client('b', '{"jsonrpc":"2.0","id":1,"result":{}}')).toHaveLength(1)
  })

  it('gets an id of its own, also where the server gives one twice', () => {
    const scenario = RouterScenario.ready({ a: ABLE })
    expect(scenario.server(ROOTS)).toEqual(['to a {"jsonrpc":"2.0","id":1,"method":"roots/list"}', 'roots-asked'])
    expect(scenario.server(ROOTS)).toEqual(['to a {"jsonrpc":"2.0","id":2,"method":"roots/list"}', 'roots-asked'])
    expect(scenario.client('a', '{"jsonrpc":"2.0","id":2,"result":{}}')).toEqual([
      'to server {"jsonrpc":"2.0","id":0,"result":{}}',
    ])
  })

  it('that is a ping is answered here', () => {
    const scenario = RouterScenario.ready({})
    expect(scenario.server('{"jsonrpc":"2.0","id":"é","method":"ping"}')).toEqual([
      'to server {"jsonrpc":"2.0","id":"é","result":{}}',
    ])
  })

  it('may come before any call, and is then for the only client that can answer', () => {
    const scenario = RouterScenario.ready({ a: {}, b: { roots: {} } })
    expect(scenario.server(ROOTS)).toEqual(['to b {"jsonrpc":"2.0","id":1,"method":"roots/list"}', 'roots-asked'])
  })

  it('is not for a client whose handshake is not complete', () => {
    const scenario = RouterScenario.ready({})
    scenario.router.clientOpened('a')
    scenario.request('a', '1', 'initialize', '{"protocolVersion":"2025-11-25","capabilities":{"roots":{}}}')
    expect(scenario.server(ROOTS)).toEqual([declined('0', -32601, 'No client is there that supports roots/list.')])
  })

  it('is for the client that can answer while the service itself has a request in flight', () => {
    const scenario = RouterScenario.ready({ a: ABLE })
    scenario.join('us', {}, { isService: true })
    expect(scenario.request('us', '1', 'tools/list')).toContain('started 2 us tools/list')
    expect(scenario.server(ROOTS)).toEqual(['to a {"jsonrpc":"2.0","id":1,"method":"roots/list"}', 'roots-asked'])
    scenario.request('a', '1', 'tools/call')
    expect(scenario.server(SAMPLING)).toEqual([`to a ${SAMPLING.replace('"id":"q"', '"id":2')}`])
  })

  it('goes by the stream it came on before all else', () => {
    const scenario = RouterScenario.ready({ a: ABLE, b: ABLE })
    scenario.request('a', '1', 'tools/call')
    scenario.request('b', '1', 'tools/call')
    expect(scenario.server(SAMPLING, 3)).toEqual([`to b ${SAMPLING.replace('"id":"q"', '"id":1')}`])
    expect(scenario.server(SAMPLING, 2)).toEqual([`to a ${SAMPLING.replace('"id":"q"', '"id":2')}`])
    scenario.router.ping()
    expect(scenario.server(SAMPLING, 4)).toContain('question-held 3')
  })

  it('is for nobody when the request on whose stream it came is over', () => {
    const scenario = RouterScenario.ready({ a: ABLE })
    scenario.request('a', '1', 'tools/call')
    scenario.server('{"jsonrpc":"2.0","id":2,"result":{}}')
    expect(scenario.server(SAMPLING, 2)).toEqual([
      declined('"q"', -32601, 'No client is there that supports sampling/createMessage.'),
    ])
  })

  it('is declined where the client it is for does not support it, though others do', () => {
    const scenario = RouterScenario.ready({ a: {}, b: ABLE })
    scenario.request('a', '1', 'tools/call')
    expect(scenario.server(SAMPLING)).toEqual([
      declined('"q"', -32601, 'The client does not support sampling/createMessage as asked.'),
    ])
  })

  it.each([
    ['roots/list', '{}', { roots: {} }, true],
    ['roots/list', '{}', { sampling: {}, elicitation: {} }, false],
    ['sampling/createMessage', '{}', { sampling: {} }, true],
    ['sampling/createMessage', '{}', { roots: {}, elicitation: {} }, false],
    ['sampling/createMessage', '{"tools":[]}', { sampling: {} }, false],
    ['sampling/createMessage', '{"tools":[]}', { sampling: { tools: {} } }, true],
    ['elicitation/create', '{}', { elicitation: {} }, true],
    ['elicitation/create', '{"mode":"form"}', { elicitation: {} }, true],
    ['elicitation/create', '{"mode":"url"}', { elicitation: {} }, false],
    ['elicitation/create', '{"mode":"url"}', { elicitation: { url: {} } }, true],
    ['elicitation/create', '{}', { elicitation: { url: {} } }, false],
    ['elicitation/create', '{}', { roots: {}, sampling: {} }, false],
    ['x/unheard-of', '{}', {}, true],
  ])('%s with %s is for a client with %j: %s', (method, params, capabilities, expected) => {
    const scenario = RouterScenario.ready({ a: capabilities })
    scenario.request('a', '1', 'tools/call')
    const [line] = scenario.server(`{"jsonrpc":"2.0","id":1,"method":"${method}","params":${params}}`)
    expect(line?.startsWith('to a ')).toBe(expected)
  })

  it('is declined beyond as many as a client may have to answer', () => {
    const scenario = RouterScenario.ready({ a: ABLE }, { maxInFlightPerClient: 1 })
    scenario.server(ROOTS)
    expect(scenario.server(ROOTS)).toEqual([
      'to server {"jsonrpc":"2.0","id":0,"error":{"code":-32011,"message":"The client has 1 questions to answer already.",' +
        '"data":{"server":"everything","delivered":"no","retryable":true}}}',
    ])
    scenario.client('a', '{"jsonrpc":"2.0","id":1,"result":{}}')
    expect(scenario.server(ROOTS)).toEqual(['to a {"jsonrpc":"2.0","id":2,"method":"roots/list"}', 'roots-asked'])
  })

  it('is answered in the place of a client that is gone', () => {
    const scenario = RouterScenario.ready({ a: ABLE, b: ABLE })
    scenario.request('a', '1', 'tools/call')
    scenario.server(SAMPLING)
    expect(scenario.closeClient('b')).toEqual([])
    expect(scenario.closeClient('a').at(-1)).toBe(
      'to server {"jsonrpc":"2.0","id":"q","error":{"code":-32000,"message":"The client has disconnected.",' +
        '"data":{"server":"everything","delivered":"no","retryable":true}}}',
    )
    expect(scenario.router.size()).toBe(0)
  })

  it('is withdrawn from the client by the server', () => {
    const scenario = RouterScenario.ready({ a: ABLE })
    scenario.server(ROOTS)
    scenario.server(SAMPLING)
    expect(scenario.server(cancel('"q"'))).toEqual([`to a ${cancel('2')}`])
    expect(scenario.server(cancel('"q"'))).toEqual(['drop server unknown-cancel'])
    expect(scenario.server(cancel('"0"'))).toEqual(['drop server unknown-cancel'])
    expect(scenario.server('{"jsonrpc":"2.0","method":"notifications/cancelled"}')).toEqual([
      'drop server unknown-cancel',
    ])
    expect(scenario.client('a', '{"jsonrpc":"2.0","id":2,"result":{}}')).toEqual(['drop client unknown-answer'])
    expect(scenario.client('a', '{"jsonrpc":"2.0","id":1,"result":{}}')).toHaveLength(1)
  })

  it('is withdrawn when the server is lost, and its late answer does not reach the next one', () => {
    const scenario = RouterScenario.ready({ a: ABLE })
    scenario.server(ROOTS)
    expect(scenario.crash()).toEqual([
      'to a {"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1,"reason":"The server no longer waits for an answer."}}',
    ])
    scenario.restart()
    expect(scenario.server(ROOTS)).toEqual(['to a {"jsonrpc":"2.0","id":2,"method":"roots/list"}', 'roots-asked'])
    expect(scenario.client('a', '{"jsonrpc":"2.0","id":1,"result":"old"}')).toEqual(['drop client unknown-answer'])
  })

  it('may hear of progress, from the client that was asked', () => {
    const scenario = RouterScenario.ready({ a: ABLE, b: ABLE })
    scenario.request('a', '1', 'tools/call')
    scenario.server(
      '{"jsonrpc":"2.0","id":7,"method":"sampling/createMessage","params":{"_meta":{"progressToken":"t"}}}',
    )
    scenario.server('{"jsonrpc":"2.0","id":8,"method":"sampling/createMessage","params":{}}')
    expect(scenario.client('a', progress('"t"'))).toEqual([`to server ${progress('"t"')}`])
    expect(scenario.client('b', progress('"t"'))).toEqual(['drop client unknown-progress'])
    expect(scenario.client('a', progress('1'))).toEqual(['drop client unknown-progress'])
    expect(scenario.client('a', progress('null'))).toEqual(['drop client unknown-progress'])
    scenario.client('a', '{"jsonrpc":"2.0","id":1,"result":{}}')
    expect(scenario.client('a', progress('"t"'))).toEqual(['drop client unknown-progress'])
  })
})

function progress(token: string): string {
  return `{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":${token}}}`
}
