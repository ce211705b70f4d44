import { describe, expect, it } from 'vitest'
import { GREETING, RouterScenario, toLines } from '../../test/fixtures/router-scenario.ts'

const HELLO = '{"protocolVersion":"2025-11-25","capabilities":{}}'
const UPSTREAM_INITIALIZE =
  'to server {"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":' +
  '{"roots":{"listChanged":true},"sampling":{"tools":{},"context":{}},"elicitation":{"form":{},"url":{}}},' +
  '"clientInfo":{"name":"pilotlight","version":"0.1.0"}}}'
const INITIALIZED = 'to server {"jsonrpc":"2.0","method":"notifications/initialized"}'
const ROOTS_CHANGED = 'to server {"jsonrpc":"2.0","method":"notifications/roots/list_changed"}'

describe('the handshake with the server', () => {
  it('begins as soon as the server is connected, with every capability a client may have', () => {
    const scenario = new RouterScenario()
    expect(toLines(scenario.router.serverOpened())).toEqual(['started 1 - initialize', UPSTREAM_INITIALIZE])
    expect(scenario.server(`{"jsonrpc":"2.0","id":1,"result":${GREETING}}`)).toEqual([
      'finished 1 answered',
      `server-ready ${GREETING}`,
    ])
  })

  it('is completed once, when the first client completes its own', () => {
    const scenario = RouterScenario.ready({})
    expect(scenario.join('a')).toEqual([`to a {"jsonrpc":"2.0","id":"init","result":${GREETING}}`, INITIALIZED])
    expect(scenario.join('b')).toEqual([`to b {"jsonrpc":"2.0","id":"init","result":${GREETING}}`])
  })

  it('is completed before the first request of a client that did not complete its own', () => {
    const scenario = RouterScenario.ready({})
    scenario.router.clientOpened('a')
    scenario.request('a', '1', 'initialize', HELLO)
    expect(scenario.request('a', '2', 'tools/list')).toEqual([
      'started 2 a tools/list',
      INITIALIZED,
      'to server {"jsonrpc":"2.0","id":2,"method":"tools/list","params":{}}',
    ])
  })

  it('is completed at once where clients are there already', () => {
    const scenario = RouterScenario.ready({ a: {} })
    scenario.crash()
    expect(scenario.restart()).toEqual([
      'started 2 - initialize',
      UPSTREAM_INITIALIZE.replace('"id":1', '"id":2'),
      'finished 2 answered',
      `server-ready ${GREETING}`,
      INITIALIZED,
    ])
  })

  it('wakes the server for the first client only, and answers all who wait under their own ids', () => {
    const scenario = new RouterScenario()
    for (const client of ['a', 'b', 'c']) expect(toLines(scenario.router.clientOpened(client))).toEqual([])
    expect(scenario.request('a', '1', 'initialize', HELLO)).toEqual(['need-server'])
    expect(scenario.request('b', '"1"', 'initialize', HELLO)).toEqual([])
    expect(scenario.client('b', '{"jsonrpc":"2.0","method":"notifications/initialized"}')).toEqual([])
    expect(scenario.restart().slice(2)).toEqual([
      'finished 1 answered',
      `server-ready ${GREETING}`,
      `to a {"jsonrpc":"2.0","id":1,"result":${GREETING}}`,
      `to b {"jsonrpc":"2.0","id":"1","result":${GREETING}}`,
      INITIALIZED,
    ])
    expect(scenario.request('c', '0', 'initialize', HELLO)).toEqual([
      `to c {"jsonrpc":"2.0","id":0,"result":${GREETING}}`,
    ])
  })

  it('keeps the requests that a client sent ahead until the server is ready', () => {
    const scenario = new RouterScenario()
    scenario.router.clientOpened('a')
    expect(scenario.request('a', '1', 'initialize', HELLO)).toEqual(['need-server'])
    expect(scenario.request('a', '2', 'tools/list')).toEqual(['started 1 a tools/list'])
    expect(scenario.request('a', '3', 'tools/call', '{"name":"echo"}')).toEqual(['started 2 a tools/call echo'])
    expect(scenario.restart().slice(-4)).toEqual([
      `to a {"jsonrpc":"2.0","id":1,"result":${GREETING}}`,
      INITIALIZED,
      'to server {"jsonrpc":"2.0","id":1,"method":"tools/list","params":{}}',
      'to server {"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"echo"}}',
    ])
  })

  it('gives a client the version it knows', () => {
    const scenario = RouterScenario.ready({})
    scenario.router.clientOpened('a')
    const older = '{"protocolVersion":"2024-11-05","capabilities":{}}'
    expect(scenario.request('a', '1', 'initialize', older)).toEqual([
      `to a {"jsonrpc":"2.0","id":1,"result":${GREETING.replace('2025-11-25', '2024-11-05')}}`,
    ])
  })

  it('answers from what the server once said while none is connected', () => {
    const scenario = RouterScenario.ready({})
    scenario.crash()
    expect(scenario.join('a')).toEqual([`to a {"jsonrpc":"2.0","id":"init","result":${GREETING}}`])
  })

  it('takes what the server says anew after a restart', () => {
    const scenario = RouterScenario.ready({})
    scenario.crash()
    scenario.router.serverOpened()
    scenario.server('{"jsonrpc":"2.0","id":2,"result":{"protocolVersion":"2025-11-25","new":1}}')
    expect(scenario.join('a')[0]).toBe(
      'to a {"jsonrpc":"2.0","id":"init","result":{"protocolVersion":"2025-11-25","new":1}}',
    )
  })

  it.each([
    '{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"ready"}}',
    '{"jsonrpc":"2.0","method":"notifications/x"}',
  ])(
    'tells a client that was answered %s, as the server may have been told that another completed its own',
    (frame) => {
      const scenario = RouterScenario.ready({})
      for (const client of ['a', 'b']) scenario.router.clientOpened(client)
      scenario.request('a', '1', 'initialize', HELLO)
      expect(scenario.server(frame)).toEqual([`to a ${frame}`])
    },
  )

  it('lets a client initialize again', () => {
    const scenario = RouterScenario.ready({ a: {} })
    expect(scenario.request('a', '5', 'initialize', HELLO)).toEqual([
      `to a {"jsonrpc":"2.0","id":5,"result":${GREETING}}`,
    ])
    expect(scenario.client('a', '{"jsonrpc":"2.0","method":"notifications/initialized"}')).toEqual([])
  })

  it.each(['{}', '{"protocolVersion":"2025-11-25"}', '[]'])('refuses an initialize with the params %s', (params) => {
    const scenario = new RouterScenario()
    scenario.router.clientOpened('a')
    const message =
      'initialize needs params with a protocolVersion that is a string and capabilities that are an object.'
    expect(scenario.request('a', '1', 'initialize', params)).toEqual([refusal('1', -32602, message)])
    expect(scenario.request('a', '1', 'initialize', HELLO)).toEqual(['need-server'])
  })

  it('refuses a second initialize while the first is in flight, and any request under its id', () => {
    const scenario = new RouterScenario()
    scenario.router.clientOpened('a')
    scenario.request('a', '1', 'initialize', HELLO)
    expect(scenario.request('a', '2', 'initialize', HELLO)).toEqual([
      refusal('2', -32600, 'An initialize is in flight already.'),
    ])
    expect(scenario.request('a', '1', 'tools/list')).toEqual([
      refusal('1', -32600, 'A request with this id is in flight already.'),
    ])
    expect(scenario.request('a', '"1"', 'tools/list')).toEqual(['started 1 a tools/list'])
  })

  it('drops a completion that is not due', () => {
    const scenario = RouterScenario.ready({ a: {} })
    scenario.router.clientOpened('new')
    const initialized = '{"jsonrpc":"2.0","method":"notifications/initialized"}'
    expect(scenario.client('new', initialized)).toEqual(['drop client unexpected-notification'])
    expect(scenario.client('a', initialized)).toEqual(['drop client unexpected-notification'])
  })
})

describe('a handshake that fails', () => {
  it("gives the server's own error to all who wait, and ends what waits behind them", () => {
    const scenario = waiting()
    scenario.router.serverOpened()
    const refused = 'server "everything": it refused initialize: "no" (-32602).'
    expect(scenario.server('{"error":{"code":-32602,"message":"no","data":[1]},"id":2,"jsonrpc":"2.0"}')).toEqual([
      'finished 2 answered',
      `handshake-failed server_unavailable ${refused}`,
      'to a {"error":{"code":-32602,"message":"no","data":[1]},"id":7,"jsonrpc":"2.0"}',
      'to b {"error":{"code":-32602,"message":"no","data":[1]},"id":"7","jsonrpc":"2.0"}',
      lost('b 8', -32010, refused.replaceAll('"', '\\"'), ',"requestId":1'),
      'finished 1 lost',
    ])
  })

  it('fails where the server names no version', () => {
    const scenario = waiting()
    scenario.router.serverOpened()
    const message = 'server "everything": it answered initialize without a protocol version.'
    const quoted = message.replaceAll('"', '\\"')
    expect(scenario.server('{"jsonrpc":"2.0","id":2,"result":{}}').slice(1, 4)).toEqual([
      `handshake-failed server_unavailable ${message}`,
      lost('a 7', -32010, quoted),
      lost('b "7"', -32010, quoted),
    ])
  })

  it.each([
    [
      '"result":{"protocolVersion":"2026-07-28","capabilities":{}}',
      'it speaks MCP 2026-07-28 only, which is not spoken here: 2025-11-25 and older are.',
    ],
    [
      '"error":{"code":-32022,"message":"no","data":{"supported":["2026-07-28","2027-01-01",1],"requested":"2025-11-25"}}',
      'it speaks MCP 2026-07-28, 2027-01-01 only, which is not spoken here: 2025-11-25 and older are.',
    ],
    [
      '"error":{"code":-32601,"message":"Method not found"}',
      'it refused initialize: "Method not found" (-32601). It may speak only a version of MCP later than 2025-11-25, the latest that is spoken here.',
    ],
  ])('says what a server speaks that answers %s', (answer, reason) => {
    const scenario = waiting()
    scenario.router.serverOpened()
    const [, failed] = scenario.server(`{"jsonrpc":"2.0","id":2,${answer}}`)
    expect(failed).toBe(`handshake-failed server_unavailable server "everything": ${reason}`)
  })

  it('fails where the answer is unusable', () => {
    const scenario = waiting()
    scenario.router.serverOpened()
    const message =
      'everything sent an unusable answer to initialize. The message is neither a request, a notification nor a response.'
    expect(scenario.server('{"jsonrpc":"2.0","id":2,"result":{},"error":{}}').slice(0, 4)).toEqual([
      'drop server unusable',
      'finished 2 failed',
      `handshake-failed server_unavailable ${message}`,
      lost('a 7', -32010, message),
    ])
  })

  it('fails where the server is late', () => {
    const scenario = waiting()
    scenario.router.serverOpened()
    const message = 'everything did not answer initialize in time.'
    expect(scenario.expire(2)).toEqual([
      'finished 2 expired',
      `handshake-failed timeout ${message}`,
      lost('a 7', -32001, message),
      lost('b "7"', -32001, message),
      lost('b 8', -32001, message, ',"requestId":1'),
      'finished 1 lost',
    ])
  })

  it('fails where initialize gets no answer, with the reason', () => {
    const scenario = waiting()
    scenario.router.serverOpened()
    const message = 'everything wants a login.'
    expect(scenario.fail(2).slice(0, 3)).toEqual([
      'finished 2 failed',
      `handshake-failed unauthenticated ${message}`,
      lost('a 7', -32600, message).replace('"retryable":true', '"retryable":false'),
    ])
  })

  it('reaches all who wait when the server cannot be started, with the time after which to try again', () => {
    const loss = { code: 'server_unavailable', message: 'everything does not start.', retryAfterMs: 250 } as const
    expect(toLines(waiting().router.serverClosed(loss))).toEqual([
      lost('a 7', -32010, 'everything does not start.', ',"retryAfterMs":250'),
      lost('b "7"', -32010, 'everything does not start.', ',"retryAfterMs":250'),
      lost('b 8', -32010, 'everything does not start.', ',"retryAfterMs":250,"requestId":1'),
      'finished 1 lost',
    ])
  })

  it('is told of to whoever sends requests right behind an initialize that failed at once', () => {
    const scenario = waiting()
    const loss = { code: 'server_unavailable', message: 'everything does not start.' } as const
    scenario.router.serverClosed(loss)
    const reason = lost('a 8', -32010, 'everything does not start.')
    expect(scenario.request('a', '8', 'tools/call')).toEqual([reason])
    scenario.request('a', '7', 'initialize', HELLO)
    expect(scenario.request('a', '8', 'tools/call')[0]).toMatch(/^started \d+ a tools\/call$/)
  })

  it('leaves clients that may try again', () => {
    const scenario = waiting()
    scenario.crash()
    expect(scenario.request('a', '7', 'initialize', HELLO)).toEqual(['need-server'])
    expect(scenario.restart().at(-1)).toBe(`to a {"jsonrpc":"2.0","id":7,"result":${GREETING}}`)
  })
})

describe('roots of a client that came late', () => {
  it('are news to a server whose handshake is complete', () => {
    const scenario = RouterScenario.ready({ a: {} })
    expect(scenario.join('b', { roots: {} }).slice(1)).toEqual([ROOTS_CHANGED])
  })

  it('are none where the server has yet to ask, or could not be told whose they are', () => {
    const scenario = RouterScenario.ready({})
    expect(scenario.join('a', { roots: {} }).slice(1)).toEqual([INITIALIZED])
    expect(scenario.join('b', { roots: {} }).slice(1)).toEqual([])
    expect(scenario.join('c').slice(1)).toEqual([])
  })

  it('are none while no server is connected', () => {
    const scenario = RouterScenario.ready({ a: {} })
    scenario.crash()
    expect(scenario.join('b', { roots: {} }).slice(1)).toEqual([])
  })
})

function refusal(id: string, code: number, message: string): string {
  const data = '{"server":"everything","delivered":"no","retryable":false}'
  return `to a {"jsonrpc":"2.0","id":${id},"error":{"code":${code},"message":"${message}","data":${data}}}`
}

/** Clients a and b wait for their initialize, and b for its request 1 to the server. */
function waiting(): RouterScenario {
  const scenario = new RouterScenario()
  for (const client of ['a', 'b']) scenario.router.clientOpened(client)
  scenario.request('a', '7', 'initialize', HELLO)
  scenario.request('b', '"7"', 'initialize', HELLO)
  scenario.request('b', '8', 'tools/list')
  return scenario
}

/** The error that says a request never reached the server; `whose` is a client and its id. */
function lost(whose: string, code: number, message: string, rest = ''): string {
  const [client, id] = whose.split(' ')
  const data = `{"server":"everything","delivered":"no","retryable":true${rest}}`
  return `to ${client} {"jsonrpc":"2.0","id":${id},"error":{"code":${code},"message":"${message}","data":${data}}}`
}
