import { describe, expect, it } from 'vitest'
import { RouterScenario, toLines } from '../../test/fixtures/router-scenario.ts'

// Request 1 of every scenario was initialize.

describe('a request', () => {
  it('reaches the server under an id of ours and comes back under its own, everything else byte for byte', () => {
    const scenario = RouterScenario.ready({ a: {} })
    const frame =
      '{ "params" :{"name":"echo","arguments":{"id":1.50,"x":"\\u00e9"}},"method":"tools/call","x":{},"id":"é","jsonrpc":"2.0"}'
    expect(scenario.client('a', frame)).toEqual([
      'started 2 a tools/call echo',
      `to server ${frame.replace('"id":"é"', '"id":2')}`,
    ])
    expect(scenario.server('{"result":{"content":[],"_meta":{"id":2},"n":1.50},"jsonrpc":"2.0", "id":2 }')).toEqual([
      'to a {"result":{"content":[],"_meta":{"id":2},"n":1.50},"jsonrpc":"2.0", "id":"é" }',
      'finished 2 answered',
    ])
  })

  it('tells the one who writes the answer what it answers', () => {
    const scenario = RouterScenario.ready({ a: {} })
    scenario.request('a', '1', 'tools/list')
    const [answer] = scenario.router.serverFrame(Buffer.from('{"jsonrpc":"2.0","id":2,"result":{}}'))
    expect(answer).toMatchObject({ clientId: 'a', answers: { requestId: 2, method: 'tools/list' } })
    const [told] = scenario.router.serverFrame(Buffer.from('{"jsonrpc":"2.0","method":"notifications/x"}'))
    expect(told).not.toHaveProperty('answers')
  })

  it('is told from those of others by its client, and from its own by the type of its id', () => {
    const scenario = RouterScenario.ready({ a: {}, b: {} })
    const asked = [
      ['a', '1'],
      ['b', '1'],
      ['a', '"1"'],
      ['b', '"1"'],
      ['a', '0'],
      ['b', '""'],
    ] as const
    for (const [client, id] of asked) scenario.request(client, id, 'tools/list')
    for (const [index, [client, id]] of [...asked.entries()].toReversed()) {
      expect(scenario.server(`{"jsonrpc":"2.0","id":${index + 2},"result":${index}}`)[0]).toBe(
        `to ${client} {"jsonrpc":"2.0","id":${id},"result":${index}}`,
      )
    }
  })

  it('may fail at the server', () => {
    const scenario = RouterScenario.ready({ a: {} })
    scenario.request('a', '1', 'tools/list')
    expect(scenario.server('{"jsonrpc":"2.0","id":2,"error":{"code":-1,"message":"no"}}')).toEqual([
      'to a {"jsonrpc":"2.0","id":1,"error":{"code":-1,"message":"no"}}',
      'finished 2 answered',
    ])
  })

  it('is refused under an id that is in flight, however that is written, and its forerunner is not harmed', () => {
    const scenario = RouterScenario.ready({ a: {} })
    scenario.request('a', '"1"', 'tools/list')
    expect(scenario.request('a', '"\\u0031"', 'tools/list')).toEqual([
      refusal('"\\u0031"', -32600, 'A request with this id is in flight already.'),
    ])
    expect(scenario.request('a', '"1"', 'ping')).toHaveLength(1)
    expect(scenario.server('{"jsonrpc":"2.0","id":2,"result":{}}')[0]).toBe(
      'to a {"jsonrpc":"2.0","id":"1","result":{}}',
    )
    expect(scenario.request('a', '"1"', 'tools/list')[0]).toBe('started 3 a tools/list')
  })

  it('is refused before initialize', () => {
    const scenario = RouterScenario.ready({})
    scenario.router.clientOpened('a')
    expect(scenario.request('a', '1', 'tools/list')).toEqual([refusal('1', -32600, 'Send initialize first.')])
  })

  it('is refused at once beyond what a client may have in flight', () => {
    const scenario = RouterScenario.ready({ a: {}, b: {} }, { maxInFlightPerClient: 2 })
    scenario.request('a', '1', 'tools/list')
    scenario.request('a', '2', 'tools/list')
    expect(scenario.request('a', '3', 'tools/list')).toEqual([
      'to a {"jsonrpc":"2.0","id":3,"error":{"code":-32011,"message":"The client has 2 requests in flight already, as many as it may.",' +
        '"data":{"server":"everything","delivered":"no","retryable":true}}}',
    ])
    expect(scenario.request('b', '3', 'tools/list')[0]).toBe('started 4 b tools/list')
    scenario.server('{"jsonrpc":"2.0","id":3,"result":{}}')
    expect(scenario.request('a', '3', 'tools/list')[0]).toBe('started 5 a tools/list')
  })

  it('is refused for a tool that must not be called, with the reason', () => {
    const withheld = { code: 'tool_withheld', message: 'The tool rm is withheld.' } as const
    const scenario = RouterScenario.ready({ a: {} }, { refuseTool: (name) => (name === 'ls' ? undefined : withheld) })
    expect(scenario.request('a', '1', 'tools/call', '{"name":"rm"}')).toEqual([
      refusal('1', -32013, 'The tool rm is withheld.'),
    ])
    expect(scenario.request('a', '1', 'tools/call', '{"name":"ls"}')[0]).toBe('started 2 a tools/call ls')
    expect(scenario.request('a', '2', 'prompts/get', '{"name":"rm"}')[0]).toBe('started 3 a prompts/get rm')
    expect(scenario.request('a', '3', 'tools/call')[0]).toBe('started 4 a tools/call')
  })

  it('wakes a server that is not there, once', () => {
    const scenario = RouterScenario.ready({ a: {}, b: {} })
    scenario.crash()
    expect(scenario.request('a', '1', 'tools/list')).toEqual(['started 2 a tools/list', 'need-server'])
    expect(scenario.request('b', '1', 'tools/list')).toEqual(['started 3 b tools/list'])
    expect(scenario.restart().slice(-2)).toEqual([
      'to server {"jsonrpc":"2.0","id":2,"method":"tools/list","params":{}}',
      'to server {"jsonrpc":"2.0","id":3,"method":"tools/list","params":{}}',
    ])
  })

  it('wakes the server anew after that failed', () => {
    const scenario = RouterScenario.ready({ a: {} })
    scenario.crash()
    scenario.request('a', '1', 'tools/list')
    scenario.crash()
    expect(scenario.request('a', '1', 'tools/list')).toEqual(['started 3 a tools/list', 'need-server'])
  })
})

describe('an answer', () => {
  it.each([
    ['to a request that was answered', '2', 'late-answer'],
    ['to initialize again', '1', 'late-answer'],
    ['to a request to come', '3', 'unknown-answer'],
    ['under the id as a string', '"2"', 'unknown-answer'],
    ['under the id 0', '0', 'unknown-answer'],
    ['under a negative id', '-2', 'unknown-answer'],
  ])('%s is dropped', (_, id, reason) => {
    const scenario = RouterScenario.ready({ a: {} })
    scenario.request('a', '1', 'tools/list')
    scenario.server('{"jsonrpc":"2.0","id":2,"result":{}}')
    expect(scenario.server(`{"jsonrpc":"2.0","id":${id},"result":{}}`)).toEqual([`drop server ${reason}`])
  })

  it('to a request that the server has not seen is dropped', () => {
    const scenario = RouterScenario.ready({ a: {} })
    scenario.crash()
    scenario.request('a', '1', 'tools/list')
    scenario.router.serverOpened()
    expect(scenario.server('{"jsonrpc":"2.0","id":2,"result":{}}')).toEqual(['drop server unknown-answer'])
  })

  it('that is unusable costs its request at once, and no other', () => {
    const scenario = RouterScenario.ready({ a: {}, b: {} })
    scenario.request('a', '1', 'tools/call')
    scenario.request('b', '1', 'tools/call')
    const deep = `{"result":${'['.repeat(70)}${']'.repeat(70)},"jsonrpc":"2.0","id":2}`
    expect(scenario.server(deep)).toEqual([
      'drop server unusable',
      'to a {"jsonrpc":"2.0","id":1,"error":{"code":-32010,"message":"everything sent an unusable answer to tools/call. ' +
        'The message must not nest deeper than 64 levels.","data":{"server":"everything","delivered":"yes","retryable":false,"requestId":2}}}',
      'finished 2 failed',
    ])
    expect(scenario.server(deep)).toEqual(['drop server unusable'])
    expect(scenario.server('{"jsonrpc":"2.0","id":3,"result":{}}')).toHaveLength(2)
  })

  it('that says nothing costs its request at once', () => {
    const scenario = RouterScenario.ready({ a: {} })
    scenario.request('a', '1', 'tools/call')
    expect(scenario.server('{"jsonrpc":"2.0","id":2}')).toEqual([
      'drop server unusable',
      expect.stringContaining('sent an unusable answer to tools/call. The message is neither a request'),
      'finished 2 failed',
    ])
  })

  it('is not seen in garbage or in an unusable request under the same id', () => {
    const scenario = RouterScenario.ready({ a: {} })
    scenario.request('a', '1', 'tools/call')
    for (const frame of ['Listening on port 3000', '{"id":2,"method":"ping"}', '[]', '{"id":2,"level":"info"}']) {
      expect(scenario.server(frame)).toEqual(['drop server unusable'])
    }
    expect(scenario.server('{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"?"}}')).toEqual([
      'drop server unusable',
    ])
    expect(scenario.server('{"jsonrpc":"2.0","id":2,"result":{}}')[1]).toBe('finished 2 answered')
  })
})

describe('progress', () => {
  it.each(['7', '"7"', '0', '"é"'])('comes back under the token %s, in its type, and extends the deadline', (token) => {
    const scenario = RouterScenario.ready({ a: {} })
    expect(scenario.request('a', '1', 'tools/call', `{"_meta":{"progressToken":${token}},"name":"x"}`)[1]).toBe(
      'to server {"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"_meta":{"progressToken":2},"name":"x"}}',
    )
    const progress =
      '{"jsonrpc":"2.0","method":"notifications/progress","params":{"progress":1,"progressToken":2,"message":"m"}}'
    expect(scenario.server(progress)).toEqual([
      `to a ${progress.replace('"progressToken":2', `"progressToken":${token}`)}`,
      'progressed 2',
    ])
    scenario.server('{"jsonrpc":"2.0","id":2,"result":{}}')
    expect(scenario.server(progress)).toEqual(['drop server unknown-progress'])
  })

  it.each(['2', '"3"', '3', '1', 'null'])('under the token %s, which nobody gave, is dropped', (token) => {
    const scenario = RouterScenario.ready({ a: {} })
    scenario.request('a', '1', 'tools/call', '{}')
    scenario.request('a', '2', 'tools/call', '{"_meta":{"progressToken":"p"}}')
    scenario.server('{"jsonrpc":"2.0","id":3,"result":{}}')
    const frame = `{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":${token},"progress":1}}`
    expect(scenario.server(frame)).toEqual(['drop server unknown-progress'])
  })

  it('of a request of our own is dropped', () => {
    const scenario = RouterScenario.ready({ a: {} })
    scenario.router.ping()
    const frame = '{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":2,"progress":1}}'
    expect(scenario.server(frame)).toEqual(['drop server unknown-progress'])
  })

  it.each(['null', '1.5', '{}'])('is refused under the token %s', (token) => {
    const scenario = RouterScenario.ready({ a: {} })
    expect(scenario.request('a', '1', 'tools/call', `{"_meta":{"progressToken":${token}}}`)).toEqual([
      refusal('1', -32602, 'The progressToken must be a string of at most 1 KiB or a safe integer.'),
    ])
  })
})

describe('a cancel', () => {
  it('reaches the server under the id it knows, and the late answer is dropped', () => {
    const scenario = RouterScenario.ready({ a: {} })
    scenario.request('a', '"x"', 'tools/call')
    expect(scenario.client('a', cancel('"x"'))).toEqual(['finished 2 cancelled', `to server ${cancel('2')}`])
    expect(scenario.server('{"jsonrpc":"2.0","id":2,"result":{}}')).toEqual(['drop server late-answer'])
    expect(scenario.client('a', cancel('"x"'))).toEqual(['drop client unknown-cancel'])
  })

  it('of what waits for a server never reaches it, nor does what it cancels', () => {
    const scenario = RouterScenario.ready({ a: {} })
    scenario.crash()
    scenario.request('a', '1', 'tools/call')
    expect(scenario.client('a', cancel('1'))).toEqual(['finished 2 cancelled'])
    expect(scenario.restart().join('\n')).not.toContain('tools/call')
  })

  it.each(['2', '"1"', '3', 'null'])('of %s, which is not its own, is dropped', (id) => {
    const scenario = RouterScenario.ready({ a: {}, b: {} })
    scenario.request('a', '1', 'tools/call')
    scenario.request('b', '3', 'tools/call')
    expect(scenario.client('a', cancel(id))).toEqual(['drop client unknown-cancel'])
    expect(scenario.client('a', '{"jsonrpc":"2.0","method":"notifications/cancelled"}')).toEqual([
      'drop client unknown-cancel',
    ])
  })

  it('frees the id for the next request', () => {
    const scenario = RouterScenario.ready({ a: {} })
    scenario.request('a', '1', 'tools/call')
    scenario.client('a', cancel('1'))
    scenario.request('a', '1', 'tools/call')
    expect(scenario.server('{"jsonrpc":"2.0","id":2,"result":"first"}')).toEqual(['drop server late-answer'])
    expect(scenario.server('{"jsonrpc":"2.0","id":3,"result":"second"}')[0]).toBe(
      'to a {"jsonrpc":"2.0","id":1,"result":"second"}',
    )
  })
})

describe('a client that is gone', () => {
  it('cancels what it had at the server, and what waited is forgotten', () => {
    const scenario = RouterScenario.ready({ a: {}, b: {} })
    scenario.request('a', '1', 'tools/call')
    scenario.request('b', '1', 'tools/call')
    scenario.request('a', '2', 'tools/list')
    expect(scenario.closeClient('a')).toEqual(['finished 2 cancelled', notice(2), 'finished 4 cancelled', notice(4)])
    expect(scenario.closeClient('a')).toEqual([])
    expect(scenario.server('{"jsonrpc":"2.0","id":2,"result":{}}')).toEqual(['drop server late-answer'])
    expect(scenario.request('a', '1', 'tools/list')).toEqual(['drop client unknown-client'])
    expect(scenario.server('{"jsonrpc":"2.0","id":3,"result":{}}')[0]).toMatch(/^to b /)
    scenario.closeClient('b')
    expect(scenario.router.size()).toBe(0)
  })

  it('leaves nothing of what waited', () => {
    const scenario = RouterScenario.ready({ a: {} })
    scenario.crash()
    scenario.request('a', '1', 'tools/call')
    expect(scenario.closeClient('a')).toEqual(['finished 2 cancelled'])
    expect(scenario.router.size()).toBe(0)
  })

  it('gets no initialize answer', () => {
    const scenario = new RouterScenario()
    scenario.router.clientOpened('a')
    scenario.request('a', '1', 'initialize', '{"protocolVersion":"2025-11-25","capabilities":{}}')
    expect(scenario.closeClient('a')).toEqual([])
    expect(scenario.restart().filter((line) => line.startsWith('to a'))).toEqual([])
    expect(scenario.router.size()).toBe(0)
  })
})

describe('a server that is lost', () => {
  it('ends each request with one error that says whether it may have been carried out', () => {
    const scenario = RouterScenario.ready({ a: {}, b: {} })
    scenario.request('a', '1', 'tools/call')
    scenario.request('b', '1', 'tools/call')
    expect(scenario.crash()).toEqual([lost('a', 2), 'finished 2 lost', lost('b', 3), 'finished 3 lost'])
    expect(scenario.crash()).toEqual([])
    expect(scenario.restart().filter((line) => line.includes('tools/call'))).toEqual([])
    expect(scenario.server('{"jsonrpc":"2.0","id":2,"result":{}}')).toEqual(['drop server late-answer'])
  })

  it('is heard no more', () => {
    const scenario = RouterScenario.ready({ a: {} })
    scenario.crash()
    expect(scenario.server('{"jsonrpc":"2.0","id":1,"method":"ping"}')).toEqual(['drop server server-not-ready'])
    scenario.request('a', '1', 'tools/call')
    expect(scenario.server('{"jsonrpc":"2.0","id":1,"method":"ping"}')).toEqual(['drop server server-not-ready'])
  })

  it('takes requests of our own with it', () => {
    const scenario = RouterScenario.ready({})
    scenario.router.ping()
    expect(scenario.crash()).toEqual(['finished 2 lost'])
    expect(scenario.router.size()).toBe(0)
  })
})

describe('a sign of life', () => {
  it('is asked of a server that is ready', () => {
    const scenario = RouterScenario.ready({})
    expect(toLines(scenario.router.ping())).toEqual([
      'started 2 - ping',
      'to server {"jsonrpc":"2.0","id":2,"method":"ping"}',
    ])
    expect(scenario.server('{"jsonrpc":"2.0","id":2,"result":{}}')).toEqual(['finished 2 answered'])
  })

  it('is missed when its deadline passes', () => {
    const scenario = RouterScenario.ready({})
    scenario.router.ping()
    expect(scenario.expire(2)).toEqual(['finished 2 expired'])
    expect(scenario.router.size()).toBe(0)
    expect(scenario.server('{"jsonrpc":"2.0","id":2,"result":{}}')).toEqual(['drop server late-answer'])
  })

  it('comes to nothing with an unusable answer', () => {
    const scenario = RouterScenario.ready({})
    scenario.router.ping()
    expect(scenario.server('{"id":2,"result":{}}')).toEqual(['drop server unusable', 'finished 2 failed'])
  })

  it('is asked of no other', () => {
    const scenario = new RouterScenario()
    expect(scenario.router.ping()).toEqual([])
    scenario.router.serverOpened()
    expect(scenario.router.ping()).toEqual([])
  })
})

function refusal(id: string, code: number, message: string): string {
  const data = '{"server":"everything","delivered":"no","retryable":false}'
  return `to a {"jsonrpc":"2.0","id":${id},"error":{"code":${code},"message":"${message}","data":${data}}}`
}

function cancel(id: string): string {
  return `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":${id},"reason":"é"}}`
}

function notice(requestId: number): string {
  const params = `{"requestId":${requestId},"reason":"The client has disconnected."}`
  return `to server {"jsonrpc":"2.0","method":"notifications/cancelled","params":${params}}`
}

function lost(client: string, requestId: number): string {
  const data = `{"server":"everything","delivered":"unknown","retryable":false,"requestId":${requestId}}`
  return `to ${client} {"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"everything exited with code 1.","data":${data}}}`
}
