import { describe, expect, it } from 'vitest'
import { ABLE, RouterScenario } from '../../test/fixtures/router-scenario.ts'

const RELATED = '{"io.modelcontextprotocol/related-task":{"taskId":"t1"}}'
const STATUS = '{"jsonrpc":"2.0","method":"notifications/tasks/status","params":{"taskId":"t1","status":"working"}}'
const QUESTION = `{"jsonrpc":"2.0","id":"q","method":"elicitation/create","params":{"message":"?","_meta":${RELATED}}}`
const TASK = '"params":{"name":"slow","task":{"ttl":60000},"_meta":{"progressToken":"p"}}'

/** Two clients, of whom `a` has begun the task `t1` with its request 1, which was request 2 at the server. */
function begun(): RouterScenario {
  const scenario = RouterScenario.ready({ a: ABLE, b: ABLE })
  scenario.client('a', `{"jsonrpc":"2.0","id":1,"method":"tools/call",${TASK}}`)
  scenario.server('{"jsonrpc":"2.0","id":2,"result":{"task":{"taskId":"t1","status":"working"}}}')
  return scenario
}

describe('a task', () => {
  it('is told of to whoever began it, and to nobody else', () => {
    const scenario = begun()
    expect(scenario.server(STATUS)).toEqual([`to a ${STATUS}`])
    expect(scenario.server(STATUS.replace('t1', 't2'))).toEqual(['drop server nobody-to-tell'])
    expect(scenario.server(STATUS.replace('"taskId":"t1",', ''))).toEqual(['drop server nobody-to-tell'])
  })

  it('asks whoever began it, though another has calls in flight', () => {
    const scenario = begun()
    scenario.request('b', '1', 'tools/call')
    expect(scenario.server(QUESTION)).toEqual([`to a ${QUESTION.replace('"q"', '1')}`])
    expect(scenario.server(QUESTION, 3)).toEqual([`to a ${QUESTION.replace('"q"', '2')}`])
  })

  it('asks nobody once its client is gone', () => {
    const scenario = begun()
    scenario.closeClient('a')
    scenario.request('b', '1', 'tools/call')
    expect(scenario.server(QUESTION)).toEqual([expect.stringMatching(/^to server .*"code":-32601/)])
    expect(scenario.server(STATUS)).toEqual(['drop server nobody-to-tell'])
  })

  it('that is not known yet asks the client on whose stream it does', () => {
    const scenario = RouterScenario.ready({ a: ABLE, b: ABLE })
    scenario.request('b', '1', 'tools/call', '{"name":"slow","task":{}}')
    expect(scenario.server(QUESTION, 2)).toEqual([`to b ${QUESTION.replace('"q"', '1')}`])
    expect(scenario.server(QUESTION)[0]).toMatch(/^to server .*"code":-32601/)
  })

  it('goes on telling of its progress under the token of its client, after the answer that it was begun', () => {
    const progress = (token: string) =>
      `{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":${token},"progress":1}}`
    expect(begun().server(progress('2'))).toEqual([`to a ${progress('"p"')}`])
    expect(begun().server(progress('"2"'))).toEqual(['drop server unknown-progress'])
  })

  it('logs to whoever began it', () => {
    const line = `{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":1,"_meta":${RELATED}}}`
    expect(begun().server(line)).toEqual([`to a ${line}`])
  })

  it.each(['tasks/get', 'tasks/result', 'tasks/cancel'])('answers the %s of whoever began it', (method) => {
    const scenario = begun()
    expect(scenario.request('a', '7', method, '{"taskId":"t1"}')).toEqual([
      `started 3 a ${method}`,
      `to server {"jsonrpc":"2.0","id":3,"method":"${method}","params":{"taskId":"t1"}}`,
    ])
    expect(scenario.server('{"jsonrpc":"2.0","id":3,"result":{"taskId":"t1"}}')[0]).toBe(
      'to a {"jsonrpc":"2.0","id":7,"result":{"taskId":"t1"}}',
    )
  })

  it.each([
    ['tasks/get', '{"taskId":"t1"}'],
    ['tasks/result', '{"taskId":"t1"}'],
    ['tasks/cancel', '{"taskId":"t1"}'],
    ['tasks/get', '{"taskId":"t2"}'],
    ['tools/call', `{"name":"echo","_meta":${RELATED}}`],
  ])('is refused to another client: %s %s', (method, params) => {
    expect(begun().request('b', '7', method, params)).toEqual([
      'to b {"jsonrpc":"2.0","id":7,"error":{"code":-32602,"message":"The client has no task of this id.",' +
        '"data":{"server":"everything","delivered":"no","retryable":false}}}',
    ])
  })

  it('is listed to whoever began it alone', () => {
    const scenario = begun()
    const listed =
      '{"jsonrpc":"2.0","result":{"tasks":[{"taskId":"t0"},{"taskId":"t1","x":[1]},7],"nextCursor":"c"},"id":3}'
    scenario.request('a', '"l"', 'tasks/list')
    expect(scenario.server(listed)[0]).toBe(
      'to a {"jsonrpc":"2.0","id":"l","result":{"tasks":[{"taskId":"t1","x":[1]}],"nextCursor":"c"}}',
    )
    scenario.request('b', '"l"', 'tasks/list')
    expect(scenario.server(listed.replace('"id":3', '"id":4'))[0]).toBe(
      'to b {"jsonrpc":"2.0","id":"l","result":{"tasks":[],"nextCursor":"c"}}',
    )
  })

  it('is not listed where the server lists nothing', () => {
    const scenario = begun()
    scenario.request('a', '1', 'tasks/list')
    expect(scenario.server('{"jsonrpc":"2.0","id":3,"result":{}}')[0]).toBe(
      'to a {"jsonrpc":"2.0","id":1,"result":{"tasks":[]}}',
    )
  })

  it('is not listed where the server refuses to list any', () => {
    const scenario = begun()
    scenario.request('a', '1', 'tasks/list')
    const refused = '{"jsonrpc":"2.0","id":3,"error":{"code":-32601,"message":"no"}}'
    expect(scenario.server(refused)[0]).toBe(`to a ${refused.replace('3', '1')}`)
  })

  it.each([
    ['was not asked for', TASK.replace('"task"', '"other"'), '{"task":{"taskId":"t1"}}'],
    ['has no id', TASK, '{"task":{}}'],
    ['has an id that is too long', TASK, `{"task":{"taskId":"${'t'.repeat(1_025)}"}}`],
    ['was carried out at once', TASK, '{"content":[]}'],
  ])('is none where it %s', (_, params, result) => {
    const scenario = RouterScenario.ready({ a: {} })
    scenario.client('a', `{"jsonrpc":"2.0","id":1,"method":"tools/call",${params}}`)
    expect(scenario.server(`{"jsonrpc":"2.0","id":2,"result":${result}}`)).toHaveLength(2)
    expect(scenario.router.size()).toBe(1)
  })

  it('is forgotten with its client', () => {
    const scenario = begun()
    expect(scenario.router.size()).toBeGreaterThan(2)
    scenario.closeClient('a')
    scenario.closeClient('b')
    expect(scenario.router.size()).toBe(0)
  })
})
