import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { toJsonRpcError } from '../../../shared/errors/json-rpc-error.ts'
import { ServiceError } from '../../../shared/errors/service-error.ts'
import { FakePool } from '../../../test/support/fake-pool.ts'
import type { FakeConnection } from '../../../test/support/fake-servers.ts'
import { settle } from '../../../test/support/manual-clock.ts'
import { type RunningHttp, startTestHttp } from '../../../test/support/test-http.ts'
import type { PoolClient } from '../../server-pool/client-session.ts'

const INITIALIZE = {
  id: 1,
  method: 'initialize',
  params: {
    protocolVersion: '2025-11-25',
    capabilities: { elicitation: {}, sampling: {} },
    clientInfo: { name: 'test', version: '1' },
  },
}
const CALL = { method: 'tools/call', params: { name: 'echo', arguments: { text: 'é' } } }

it('goes on where something unforeseen comes after an answer', async () => {
  const connect = (_: string, client: PoolClient) => ({
    send: () => {
      client.frame(Buffer.from('{"jsonrpc":"2.0","id":1,"result":{}}'))
      throw new TypeError('Unforeseen.')
    },
    isSettled: () => true,
    close: () => {},
  })
  const http = await startTestHttp({ servers: { connect, maxMessageBytes: () => 100_000 } })
  const ask = () =>
    fetch(`${http.url}/mcp/one`, {
      method: 'POST',
      headers: { authorization: `Bearer ${http.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', ...INITIALIZE }),
    })
  expect([(await ask()).status, (await ask()).status]).toEqual([200, 200])
  await http.close()
  expect(http.unexpected).toEqual([new TypeError('Unforeseen.'), new TypeError('Unforeseen.')])
})

describe('POST /mcp/{server}', () => {
  let fake: FakePool
  let http: RunningHttp

  beforeAll(async () => {
    fake = new FakePool()
    await fake.configure(
      { name: 'one', maxClients: 1_000 },
      { name: 'small', maxClients: 1 },
      { name: 'tiny', maxClients: 1 },
    )
    const connect = (name: string, client: PoolClient) => {
      if (name === 'off') throw new ServiceError('server_unavailable', 'server "off": it is disabled.')
      return fake.pool.connect(name, client)
    }
    const never = () => expect.unreachable()
    http = await startTestHttp({ servers: { connect, status: never, execute: never, maxMessageBytes: () => 100_000 } })
  })
  afterAll(async () => {
    await http.close()
    await fake[Symbol.asyncDispose]()
  })
  beforeEach(() => {
    fake.servers.behaviour.calls = 'answer'
  })

  function server(): FakeConnection {
    const running = fake.servers.opened.find(({ definition }) => definition.name === 'one')
    if (running === undefined) throw new Error('The server does not run.')
    return running
  }

  function send(method: string, body?: unknown, headers: Record<string, string> = {}, path = '/mcp/one') {
    return fetch(`${http.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${http.token}`,
        accept: 'application/json, text/event-stream',
        'content-type': 'application/json',
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
  }

  const message = (content: object) => ({ jsonrpc: '2.0', ...content })

  /** Begins a session; returns its header. */
  async function begin(path = '/mcp/one', protocolVersion = '2025-11-25'): Promise<{ 'mcp-session-id': string }> {
    const params = { ...INITIALIZE.params, protocolVersion }
    const response = await send('POST', message({ ...INITIALIZE, params }), {}, path)
    expect(response.status).toBe(200)
    const session = { 'mcp-session-id': response.headers.get('mcp-session-id') ?? '' }
    const initialized = message({ method: 'notifications/initialized' })
    expect((await send('POST', initialized, session, path)).status).toBe(202)
    return session
  }

  it('begins a session with initialize and answers it as JSON', async () => {
    const before = http.finished.length
    const response = await send('POST', message(INITIALIZE))
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(response.headers.get('mcp-session-id')).toMatch(/^[0-9a-f-]{36}$/)
    expect(await response.json()).toMatchObject({ id: 1, result: { protocolVersion: '2025-11-25' } })
    await vi.waitFor(() => expect(http.finished).toHaveLength(before + 1))
    expect(http.finished.at(-1)).toMatchObject({
      method: 'POST',
      path: '/mcp/one',
      route: '/mcp/{name}',
      status: 200,
      followed: false,
    })
  })

  it('answers a request under its own id, and takes a notification', async () => {
    const session = await begin()
    for (const id of [7, '7', 0]) {
      const response = await send('POST', message({ id, ...CALL }), session)
      expect(await response.json()).toMatchObject({ id, result: { echo: { text: 'é' } } })
    }
  })

  it.each([
    ['without a session', CALL, {}, 400, /Send initialize first/],
    ['of a session that is over', CALL, { 'mcp-session-id': 'gone' }, 404, /Send initialize anew/],
    [
      'of a version nobody speaks',
      CALL,
      { 'mcp-session-id': 'x', 'mcp-protocol-version': '1999-01-01' },
      400,
      /2025-11-25/,
    ],
    ['that wants no events', CALL, { accept: 'application/json' }, 406, /must accept/],
    ['that is a batch', [CALL], {}, 400, /one message at a time/],
    ['that is no JSON', '{"jsonrpc":', {}, 400, /not JSON/],
    ['without jsonrpc', '{"id":1,"method":"x"}', {}, 400, /jsonrpc/],
  ])('refuses a message %s', async (...[, body, headers, status, reason]) => {
    const content = Array.isArray(body) || typeof body === 'string' ? body : message({ id: 3, ...body })
    const response = await send('POST', content, headers)
    expect(response.status).toBe(status)
    const { jsonrpc, error } = (await response.json()) as { jsonrpc: string; error: { message: string; data: object } }
    expect([jsonrpc, error.message, error.data]).toEqual([
      '2.0',
      expect.stringMatching(reason),
      { server: 'one', delivered: 'no', retryable: false },
    ])
  })

  it.each([{}, { 'mcp-session-id': 'gone' }])(
    'refuses a request of no session under its own id, %j',
    async (headers) => {
      const response = await send('POST', message({ id: 'mine', ...CALL }), headers)
      expect(await response.json()).toMatchObject({ id: 'mine', error: { code: -32600 } })
    },
  )

  it('begins no session with a server that is not to be had, and says so as every face does', async () => {
    const response = await send('POST', message(INITIALIZE), {}, '/mcp/off')
    const why = { code: 'server_unavailable', message: 'server "off": it is disabled.' } as const
    expect([response.status, await response.json()]).toEqual([
      503,
      message({ id: 1, error: toJsonRpcError('off', why) }),
    ])
  })

  it('is closed to whoever has no token, and to pages of other origins', async () => {
    expect((await send('POST', message(INITIALIZE), { authorization: 'Bearer wrong' })).status).toBe(401)
    expect((await send('POST', message(INITIALIZE), { origin: 'http://evil.example' })).status).toBe(403)
    expect((await send('GET', undefined, { authorization: '' })).status).toBe(401)
  })

  it('takes JSON alone, up to the size of a message', async () => {
    expect((await send('POST', message(INITIALIZE), { 'content-type': 'text/plain' })).status).toBe(415)
    expect((await send('POST', 'x'.repeat(100_001))).status).toBe(413)
  })

  it('answers initialize for a server that is not there, or full, with an error of JSON-RPC', async () => {
    const unknown = await send('POST', message(INITIALIZE), {}, '/mcp/nobody')
    expect([unknown.status, await unknown.json()]).toMatchObject([404, { id: 1, error: { code: -32602 } }])
    const first = await begin('/mcp/small')
    const listening = await send('GET', undefined, first, '/mcp/small')
    const full = await send('POST', message(INITIALIZE), {}, '/mcp/small')
    expect([full.status, await full.json()]).toMatchObject([
      503,
      { id: 1, error: { code: -32011, data: { retryable: true } } },
    ])
    expect(full.headers.get('retry-after')).not.toBeNull()
    await send('DELETE', undefined, first, '/mcp/small')
    await listening.text()
  })

  it('gives a new client the place of one that left without a word, who is told so if it comes back', async () => {
    const first = await begin('/mcp/small')
    const listening = await send('GET', undefined, first, '/mcp/small')
    await listening.body?.cancel()
    await expect.poll(async () => (await send('POST', message(INITIALIZE), {}, '/mcp/small')).status).toBe(200)
    expect((await send('POST', message({ id: 2, ...CALL }), first, '/mcp/small')).status).toBe(404)
  })

  it('leaves a client its place that has only just introduced itself', async () => {
    const first = await begin('/mcp/tiny')
    expect((await send('POST', message(INITIALIZE), {}, '/mcp/tiny')).status).toBe(503)
    expect((await send('POST', message({ id: 2, method: 'ping' }), first, '/mcp/tiny')).status).toBe(200)
    expect((await send('POST', message(INITIALIZE), {}, '/mcp/tiny')).status).toBe(200)
  })

  it.each(['PUT', 'HEAD'])('says to %s what methods it takes', async (method) => {
    const response = await send(method, method === 'PUT' ? '{}' : undefined, await begin())
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, POST, DELETE'])
  })

  it('refuses an id that is in flight, and answers the first all the same', async () => {
    const session = await begin()
    holdCalls()
    const first = send('POST', message({ id: 5, ...CALL }), session)
    await heldCall()
    const second = await send('POST', message({ id: 5, ...CALL }), session)
    expect([second.status, await second.json()]).toMatchObject([400, { id: 5, error: { code: -32600 } }])
    server().answer()
    expect(await (await first).json()).toMatchObject({ id: 5, result: {} })
  })

  it('sends what comes before the answer as events on the same response', async () => {
    const session = await begin()
    holdCalls()
    const params = { ...CALL.params, _meta: { progressToken: 'mine' } }
    const asked = send('POST', message({ id: 6, ...CALL, params }), session)
    const call = await heldCall()
    server().say({ method: 'notifications/progress', params: { progressToken: call.id, progress: 1 } })
    const response = await asked
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    server().say({ id: 'q', method: 'elicitation/create', params: { message: 'Who?' } })
    server().answer(call)
    const events = parseEvents(await response.text())
    expect(events.map(({ data }) => data?.method ?? data?.id)).toEqual([
      undefined,
      'notifications/progress',
      'elicitation/create',
      6,
    ])
    expect(events[1]?.data).toMatchObject({ params: { progressToken: 'mine', progress: 1 } })
  })

  it('sends an answer as an event, however long it is', async () => {
    const session = await begin()
    holdCalls()
    const params = { ...CALL.params, _meta: { progressToken: 1 } }
    const asked = send('POST', message({ id: 7, ...CALL, params }), session)
    const call = await heldCall()
    server().say({ method: 'notifications/progress', params: { progressToken: call.id, progress: 1 } })
    const response = await asked
    const text = 'x'.repeat(6_000_000)
    server().say({ id: call.id ?? 0, result: { text } })
    expect(parseEvents(await response.text()).at(-1)?.data).toEqual(message({ id: 7, result: { text } }))
  })

  it('cuts the connection of a client that does not read what is sent to it', async () => {
    const session = await begin()
    const listening = await send('GET', undefined, session)
    const data = 'x'.repeat(6_000_000)
    for (let sent = 0; sent < 10; sent++) server().say({ method: 'notifications/message', params: { data } })
    await expect(listening.text()).rejects.toThrow('terminated')
  })

  it('goes on where a connection broke, once, and gives an answer that came meanwhile', async () => {
    const session = await begin()
    holdCalls()
    const breaking = new AbortController()
    const params = { ...CALL.params, _meta: { progressToken: 1 } }
    const asked = fetch(`${http.url}/mcp/one`, {
      method: 'POST',
      signal: breaking.signal,
      headers: {
        authorization: `Bearer ${http.token}`,
        accept: 'application/json, text/event-stream',
        'content-type': 'application/json',
        ...session,
      },
      body: JSON.stringify(message({ id: 8, ...CALL, params })),
    })
    const call = await heldCall()
    server().say({ method: 'notifications/progress', params: { progressToken: call.id, progress: 1 } })
    const reader = (await asked).body?.getReader()
    let text = ''
    while (!text.includes('progress')) text += Buffer.from((await reader?.read())?.value ?? []).toString()
    breaking.abort()
    await settle()
    server().answer(call)
    const lastEventId = parseEvents(text).at(-1)?.id ?? ''
    const resumed = await send('GET', undefined, { ...session, 'last-event-id': lastEventId })
    const events = parseEvents(await resumed.text()).filter(({ data }) => data !== undefined)
    expect(events).toMatchObject([{ data: { id: 8, result: {} } }])
    expect(server().messages.filter(({ method }) => method === 'notifications/cancelled')).toEqual([])
  })

  it('ends the response of a request that the client cancels, and keeps nobody waiting for more of it', async () => {
    const session = await begin()
    holdCalls()
    const asked = send('POST', message({ id: 9, ...CALL }), session)
    await heldCall()
    await send('POST', message({ method: 'notifications/cancelled', params: { requestId: 9 } }), session)
    const events = parseEvents(await (await asked).text())
    expect(events).toMatchObject([{ data: undefined }])
    const resumed = await send('GET', undefined, { ...session, 'last-event-id': events[0]?.id ?? '' })
    expect(resumed.status).toBe(204)
  })

  it('tells a client when to come back, unless it would stumble over an event without data', async () => {
    const listen = async (version: string) => {
      const session = await begin('/mcp/one', version)
      const response = await send('GET', undefined, session)
      await send('DELETE', undefined, session)
      return response.text()
    }
    expect(await listen('2025-11-25')).toMatch(/^id: 0-all\nretry: 1000\ndata:\n\n$/)
    expect(await listen('2025-06-18')).toBe('')
  })

  it('repeats what was lost on a connection that broke while it was repeated', async () => {
    const session = await begin()
    server().say({ method: 'notifications/tools/list_changed' })
    server().say({ method: 'notifications/prompts/list_changed' })
    const resume = async () => {
      const resumed = await send('GET', undefined, { ...session, 'last-event-id': '0-all' })
      const text = Buffer.from((await resumed.body?.getReader().read())?.value ?? []).toString()
      return parseEvents(text)[0]?.id
    }
    expect([await resume(), await resume()]).toEqual(['0-all', '0-all'])
  })

  it('gives what belongs to no request to who listens, also what came before', async () => {
    const session = await begin()
    await send('POST', message({ id: 10, ...CALL }), session)
    server().say({ method: 'notifications/tools/list_changed' })
    const listening = await send('GET', undefined, session)
    server().say({ method: 'notifications/resources/list_changed' })
    await settle()
    expect((await send('DELETE', undefined, session)).status).toBe(204)
    const methods = parseEvents(await listening.text()).map(({ data }) => data?.method)
    expect(methods).toEqual([undefined, 'notifications/tools/list_changed', 'notifications/resources/list_changed'])
  })

  it('knows no session that was deleted', async () => {
    const session = await begin()
    expect((await send('DELETE', undefined, session)).status).toBe(204)
    expect((await send('DELETE', undefined, session)).status).toBe(404)
    expect((await send('POST', message({ id: 1, ...CALL }), session)).status).toBe(404)
    expect((await send('GET', undefined, session)).status).toBe(404)
    expect((await send('GET')).status).toBe(400)
  })

  it('refuses to resume from an event it never sent', async () => {
    const session = await begin()
    expect((await send('GET', undefined, { ...session, 'last-event-id': '99-all' })).status).toBe(400)
  })

  let callsBefore = 0

  function holdCalls(): void {
    fake.servers.behaviour.calls = 'hold'
    callsBefore = server().calls.length
  }

  /** The call that the server holds. */
  async function heldCall() {
    for (;;) {
      const call = server().calls[callsBefore]
      if (call !== undefined) return call
      await settle()
    }
  }
})

interface SentEvent {
  id: string | undefined
  data: { id?: unknown; method?: string; params?: unknown; result?: unknown } | undefined
}

function parseEvents(text: string): SentEvent[] {
  return text
    .split('\n\n')
    .filter((part) => part.startsWith('id:') || part.startsWith('event:'))
    .map((part) => {
      const data = /^data: (.+)$/m.exec(part)?.[1]
      return { id: /^id: (.+)$/m.exec(part)?.[1], data: data === undefined ? undefined : JSON.parse(data) }
    })
}
