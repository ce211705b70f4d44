import type { JsonValue } from '@bufbuild/protobuf'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { ERROR_CODES, type ErrorCode } from '../../shared/errors/error-code.ts'
import { GrpcCaller, type GrpcOutcome, methodsOf } from '../support/grpc-caller.ts'
import { readEvents } from '../support/read-events.ts'
import { LOSSLESS, ScriptedControl } from '../support/scripted-control.ts'
import { type RunningHttp, startTestHttp } from '../support/test-http.ts'

const control = new ScriptedControl()
const { asked } = control

let http: RunningHttp
let grpc: GrpcCaller
beforeAll(async () => {
  http = await startTestHttp(control)
  grpc = new GrpcCaller(http.grpcSocketPath)
})
beforeEach(() => void (asked.length = 0))
afterAll(async () => {
  grpc[Symbol.dispose]()
  await http.close()
})

function rest(line: string, body?: unknown, signal?: AbortSignal): Promise<Response> {
  const [method = '', path = ''] = line.split(' ')
  const headers = { authorization: `Bearer ${http.token}`, 'content-type': 'application/json' }
  const text = body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body)
  return fetch(`${http.url}${path}`, { method, headers, body: text, signal: signal ?? null })
}

/** As it is promised: code, HTTP, gRPC. */
const STATUSES: Record<ErrorCode, [http: number, grpc: string]> = {
  invalid_request: [422, 'INVALID_ARGUMENT'],
  unauthenticated: [401, 'UNAUTHENTICATED'],
  forbidden: [403, 'PERMISSION_DENIED'],
  unknown_server: [404, 'NOT_FOUND'],
  unknown_tool: [404, 'NOT_FOUND'],
  too_large: [413, 'RESOURCE_EXHAUSTED'],
  tool_withheld: [409, 'FAILED_PRECONDITION'],
  server_unavailable: [503, 'UNAVAILABLE'],
  overloaded: [503, 'RESOURCE_EXHAUSTED'],
  shutting_down: [503, 'UNAVAILABLE'],
  selector_failed: [502, 'UNAVAILABLE'],
  selector_timeout: [504, 'DEADLINE_EXCEEDED'],
  connection_closed: [502, 'UNAVAILABLE'],
  timeout: [504, 'DEADLINE_EXCEEDED'],
  cancelled: [499, 'CANCELLED'],
  invalid_configuration: [500, 'INTERNAL'],
  internal: [500, 'INTERNAL'],
}

interface Compared {
  method: string
  route: string
  request?: Record<string, JsonValue>
  body?: unknown
  /** How the message says what the route does. */
  read?: (message: never) => unknown
}

const EXECUTE = 'POST /servers/a/execute'

/** Every method with one answer: its route, and what both are asked. */
const UNARY: readonly Compared[] = [
  { method: 'Status', route: 'GET /status' },
  { method: 'ListServers', route: 'GET /servers' },
  { method: 'ListServers', route: 'GET /proxies' },
  ...['a', 'none', 'busy', '__proto__'].flatMap((name) => [
    { method: 'GetServer', route: `GET /servers/${name}`, request: { name } },
    { method: 'Start', route: `POST /servers/${name}/start`, request: { name } },
    { method: 'Stop', route: `POST /servers/${name}/stop`, request: { name } },
    { method: 'Restart', route: `POST /servers/${name}/restart`, request: { name } },
    { method: 'AcceptTools', route: `POST /servers/${name}/accept-tools`, request: { name } },
    {
      method: 'GetTools',
      route: `GET /servers/${name}/tools`,
      request: { name },
      read: ({ tools }: { tools: { definition: string }[] }) => ({
        tools: tools.map(({ definition }) => JSON.parse(definition) as unknown),
      }),
    },
  ]),
  ...['{"x":1.0}', '', '[]', '{', 'null', '{"x":01}', `{"x":"${'y'.repeat(10_000)}"}`].map((args) => ({
    method: 'Execute',
    route: EXECUTE,
    request: { server: 'a', tool: 'echo', arguments: args },
    body: args === '' ? '{"tool":"echo"}' : `{"tool":"echo","arguments":${args}}`,
    read: ({ result }: { result: string }) => JSON.parse(result) as unknown,
  })),
  ...['', 'breaks', ...ERROR_CODES.map((code) => `fails ${code}`)].map((tool) => ({
    method: 'Execute',
    route: EXECUTE,
    request: { server: 'a', tool },
    body: { tool },
  })),
  ...['none', 'busy'].map((server) => ({
    method: 'Execute',
    route: `POST /servers/${server}/execute`,
    request: { server, tool: 'echo' },
    body: { tool: 'echo' },
  })),
]

/** What was said over one of them, and what came of it, in a form that is the same for both. */
interface Told {
  outcome: string
  said: unknown
  asked: unknown[]
}

async function tellOverHttp({ route, body }: Compared): Promise<Told> {
  const response = await rest(route, body)
  const answered: unknown = await response.json()
  if (response.ok) return { outcome: 'OK', said: alike(answered), asked: asked.splice(0) }
  const code = codeIn(answered)
  expect(response.status).toBe(STATUSES[code][0])
  return { outcome: STATUSES[code][1], said: alikeError(answered), asked: asked.splice(0) }
}

async function tellOverGrpc({ method, request = {}, read }: Compared): Promise<Told> {
  const { messages, status, body } = await grpc.call(`pilotlight.v1.Pool/${method}`, request)
  const [message] = messages
  const said = status === 'OK' ? alike(read?.(message as never) ?? message) : alikeError(body)
  return { outcome: status, said, asked: asked.splice(0) }
}

// What is null over HTTP is left out of a message, and numbers of 64 bits are texts in the JSON of messages.
function alike(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (key, inner: unknown) => {
    if (inner === null) return undefined
    return ['calls', 'restarts', 'uptime_s'].includes(key) ? Number(inner) : inner
  })
}

// Arguments alone have other places than in a body, and another size.
function alikeError(body: unknown): unknown {
  const { detail } = body as { detail?: { type: string }[] }
  if (detail !== undefined) return detail.map(({ type }) => type)
  return codeIn(body) === 'too_large' ? 'too_large' : body
}

function codeIn(body: unknown): ErrorCode {
  return (body as { code?: ErrorCode }).code ?? 'invalid_request'
}

describe('REST and gRPC', () => {
  it.each(UNARY)('$method answers as $route does to $request', async (compared) => {
    expect(await tellOverGrpc(compared)).toEqual(await tellOverHttp(compared))
  })

  it('have a status for every error', () => {
    expect(Object.keys(STATUSES).toSorted()).toEqual([...ERROR_CODES].toSorted())
  })

  it('say why for people', async () => {
    const { message } = await grpc.call('pilotlight.v1.Pool/Execute', { server: 'a', tool: 'fails timeout' })
    expect(message).toBe('It ended with timeout, “so”.')
  })

  it('tell the log, and nobody else, what broke', async () => {
    const before = http.unexpected.length
    const request = { server: 'a', tool: 'breaks' }
    const told = [
      await (await rest(EXECUTE, request)).json(),
      (await grpc.call('pilotlight.v1.Pool/Execute', request)).body,
    ]
    expect(JSON.stringify(told)).not.toContain('secret')
    expect(http.unexpected.slice(before)).toEqual([
      new TypeError('A secret of ours.'),
      new TypeError('A secret of ours.'),
    ])
  })

  it('give a result byte for byte', async () => {
    const response = await rest(EXECUTE, { tool: 'echo' })
    const { messages } = await grpc.call('pilotlight.v1.Pool/Execute', { server: 'a', tool: 'echo' })
    expect([await response.text(), messages]).toEqual([LOSSLESS, [{ result: LOSSLESS }]])
  })

  it.each([
    ['', {}],
    ['?lines=3', { lines: 3 }],
    ['?lines=0', { lines: 0 }],
  ])('give the lines of a log that are asked for with "%s"', async (query, lines) => {
    const text = await (await rest(`GET /servers/a/logs${query}`)).text()
    const { messages } = await grpc.call('pilotlight.v1.Pool/Logs', { server: 'a', ...lines })
    expect(messages).toEqual([{ lines: text.trimEnd().split('\n') }])
  })

  it('give no more lines than that', async () => {
    const tooMany = await rest('GET /servers/a/logs?lines=1001')
    const refused = await grpc.call('pilotlight.v1.Pool/Logs', { server: 'a', lines: 1_001 })
    expect([tooMany.status, refused.status, refused.body]).toEqual([422, 'INVALID_ARGUMENT', await tooMany.json()])
  })

  it.each(['goes on', 'echo'])('tell of the progress of a call that %s, and then of its result', async (tool) => {
    const events = await eventsOf(await rest(`${EXECUTE}?stream=1`, { tool }))
    const { messages } = await grpc.call('pilotlight.v1.Pool/ExecuteStream', { server: 'a', tool })
    const toMessage = ({ event, data }: (typeof events)[0]) => ({
      [event]: event === 'result' ? data : (JSON.parse(data) as unknown),
    })
    expect(messages).toEqual(events.map(toMessage))
  })

  it('tell of no progress where a call fails', async () => {
    const response = await rest(`${EXECUTE}?stream=1`, { tool: 'fails timeout' })
    const failed = await grpc.call('pilotlight.v1.Pool/ExecuteStream', { server: 'a', tool: 'fails timeout' })
    expect([response.status, failed.status, failed.body]).toEqual([504, 'DEADLINE_EXCEEDED', await response.json()])
  })

  it('watch the status until their client leaves', async () => {
    const [event = ''] = await firstEvents(await rest('GET /status?stream=1'), 1)
    const { messages, status } = await callUntil(1, 'WatchStatus', {})
    expect([status, messages.map(alike)]).toEqual(['CANCELLED', [alike(JSON.parse(event))]])
  })

  it('follow a log until their client leaves', async () => {
    const lines = await firstEvents(await rest('GET /servers/a/logs?follow=1&lines=2'), 3)
    const { messages, status } = await callUntil(2, 'FollowLogs', { server: 'a', lines: 2 })
    expect([status, messages.flatMap((message) => (message as { lines: string[] }).lines)]).toEqual([
      'CANCELLED',
      lines,
    ])
  })

  it.each(['/execute', '/execute?stream=1'])(
    'have a call to %s cancelled at its server when its client leaves',
    async (what) => {
      await leave((signal) => rest(`POST /servers/a${what}`, { tool: 'waits' }, signal))
      expect(asked).toEqual([{ server: 'a', tool: 'waits', arguments: '{}' }, 'cancelled'])
    },
  )

  it.each(['Execute', 'ExecuteStream'])(
    'have a call of %s cancelled at its server when its client leaves',
    async (method) => {
      const request = { server: 'a', tool: 'waits' }
      await leave((signal) => grpc.call(`pilotlight.v1.Pool/${method}`, request, { signal }))
      expect(asked).toEqual([{ ...request, arguments: '{}' }, 'cancelled'])
    },
  )

  it.each(['Execute', 'ExecuteStream'])('have a call of %s cancelled at its server at its deadline', async (method) => {
    const request = { server: 'a', tool: 'waits' }
    let late: GrpcOutcome | undefined
    // A deadline may pass before the call is sent. Behind a second call the worker has read the first.
    for (let deadlineMs = 30; asked.length === 0; deadlineMs *= 2) {
      late = await grpc.call(`pilotlight.v1.Pool/${method}`, request, { deadlineMs })
      await grpc.call('pilotlight.v1.Pool/Status')
    }
    await vi.waitFor(() => expect(asked).toHaveLength(2))
    expect([late?.status, asked]).toEqual(['DEADLINE_EXCEEDED', [{ ...request, arguments: '{}' }, 'cancelled']])
    const ended = () => http.calls.findLast(({ path }) => path.endsWith(`/${method}`))?.status
    await expect.poll(ended).toBe('DEADLINE_EXCEEDED')
  })

  it('end the worker when they are asked to', async () => {
    const before = http.shutDowns
    const response = await rest('POST /shutdown')
    const { messages } = await grpc.call('pilotlight.v1.Pool/Shutdown')
    expect([messages, http.shutDowns - before]).toEqual([[await response.json()], 2])
  })

  it('have been compared in every method', () => {
    const streaming = ['Logs', 'ExecuteStream', 'WatchStatus', 'FollowLogs', 'Shutdown']
    const compared = new Set([...UNARY.map(({ method }) => method), ...streaming])
    expect([...compared].toSorted()).toEqual(
      methodsOf('pilotlight.v1.Pool')
        .map(({ name }) => name)
        .toSorted(),
    )
  })
})

async function eventsOf(response: Response): Promise<{ event: string; data: string }[]> {
  const events: { event: string; data: string }[] = []
  for await (const event of readEvents(response)) events.push(event)
  return events
}

async function firstEvents(response: Response, count: number): Promise<string[]> {
  const found: string[] = []
  for await (const { data } of readEvents(response)) {
    found.push(data)
    if (found.length === count) break
  }
  return found
}

/** Calls a method and leaves after so many messages. */
function callUntil(count: number, method: string, request: Record<string, JsonValue>) {
  const leaving = new AbortController()
  let seen = 0
  const onMessage = () => {
    if (++seen === count) leaving.abort()
  }
  return grpc.call(`pilotlight.v1.Pool/${method}`, request, { signal: leaving.signal, onMessage })
}

/** Makes a call that waits, leaves it, and resolves once its server knows. */
async function leave(call: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
  const leaving = new AbortController()
  const over = call(leaving.signal).catch(() => 'left')
  await vi.waitFor(() => expect(control.waiting).toBe(1))
  leaving.abort()
  await over
  await vi.waitFor(() => expect(asked).toHaveLength(2))
}
