import { once } from 'node:events'
import { createServer } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { FindToolsRequest } from '../../../shared/contracts/find-tools-request.ts'
import {
  ATTACHED,
  type Behaviour,
  delayed,
  FOUND,
  HOSTILE,
  healthy,
  reply,
  replyJson,
  SLOW,
} from '../../../test/fixtures/selector/behaviours.ts'
import { type FakeSelector, startFakeSelector } from '../../../test/fixtures/selector/fake-selector.ts'
import { RecordingObserver } from '../../../test/fixtures/selector/recording-observer.ts'
import { findFreePort } from '../../../test/support/free-port.ts'
import type { ToolSelector } from '../tool-selector.ts'
import { type ApiSelectorOptions, createApiSelector } from './api-selector.ts'

const REQUEST: FindToolsRequest = {
  query: 'open a pull request',
  agent_id: 'agent-1',
  keep_tools: ['github/kept'],
  limit: 7,
  min_score: 40,
  request_heartbeat: true,
  detailed_response: false,
  compact: false,
}
const AGENT = { kind: 'agent', id: 'agent-1' } as const
const NEVER = new AbortController().signal

let fake: FakeSelector
let observer: RecordingObserver
const selectors: ToolSelector[] = []

function create(options: Partial<ApiSelectorOptions> = {}): ToolSelector {
  const selector = createApiSelector({ baseUrl: fake.url, timeoutMs: 60_000, observer, random: () => 0, ...options })
  selectors.push(selector)
  return selector
}

// Caught where it is made, so that a call that fails while the test does something else is not unhandled.
function errorOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => undefined,
    (error: unknown) => error,
  )
}

beforeEach(async () => {
  fake = await startFakeSelector()
  observer = new RecordingObserver()
})

afterEach(async () => {
  vi.useRealTimers()
  await Promise.all(selectors.splice(0).map((selector) => selector[Symbol.asyncDispose]()))
  await fake[Symbol.asyncDispose]()
})

describe('what an API selector sends', () => {
  it('posts the whole request to the attach path', async () => {
    await create().attach(REQUEST, AGENT, NEVER)
    const [sent] = fake.requests
    expect(sent).toMatchObject({ method: 'POST', path: '/api/v1/tools/attach' })
    expect(JSON.parse(sent?.body ?? '')).toEqual({
      query: 'open a pull request',
      agent_id: 'agent-1',
      limit: 7,
      min_score: 40,
      keep_tools: ['github/kept'],
      request_heartbeat: true,
    })
  })

  it('leaves out a query and an agent that were not given', async () => {
    await create().attach({ ...REQUEST, query: null, agent_id: null }, { kind: 'nobody' }, NEVER)
    const body = JSON.parse(fake.requests[0]?.body ?? '')
    expect(Object.keys(body)).toEqual(['limit', 'min_score', 'keep_tools', 'request_heartbeat'])
  })

  it('asks for details only where they were asked for', async () => {
    await create().attach({ ...REQUEST, detailed_response: true }, AGENT, NEVER)
    expect(JSON.parse(fake.requests[0]?.body ?? '')).toMatchObject({ detailed_response: true })
  })

  it('sends the token and the password, and asks for nothing compressed', async () => {
    await create({ token: 'secret-token', lettaPassword: 'letta' }).attach(REQUEST, AGENT, NEVER)
    const headers = fake.requests[0]?.headers
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      authorization: 'Bearer secret-token',
      'x-bare-password': 'password letta',
    })
    expect(headers).not.toHaveProperty('accept-encoding')
  })

  it('sends no credentials where there are none', async () => {
    await create().attach(REQUEST, AGENT, NEVER)
    expect(fake.requests[0]?.headers).not.toHaveProperty('authorization')
    expect(fake.requests[0]?.headers).not.toHaveProperty('x-bare-password')
  })

  it('names the session of a caller that is one, in that request alone', async () => {
    const selector = create()
    await selector.attach({ ...REQUEST, agent_id: null }, { kind: 'session', id: 'session-7' }, NEVER)
    await selector.attach(REQUEST, AGENT, NEVER)
    expect(fake.requests.map(({ headers }) => headers['x-pilotlight-session'])).toEqual(['session-7', undefined])
  })

  it('refuses a session that would break the header', async () => {
    const attached = create().attach(REQUEST, { kind: 'session', id: 'a\r\nx-forged: 1' }, NEVER)
    await expect(attached).rejects.toMatchObject({ code: 'invalid_request' })
    expect(fake.requests).toHaveLength(0)
  })

  it('keeps the path that the API is mounted below', async () => {
    await create({ baseUrl: `${fake.url}/selector/?x=1` }).attach(REQUEST, AGENT, NEVER)
    expect(fake.requests[0]?.path).toBe('/selector/api/v1/tools/attach')
  })
})

describe('what an API selector answers', () => {
  it('gives the answer as it came, without what concerns the original API alone', async () => {
    const { loop_triggered: _, ...details } = ATTACHED.details
    const answer = await create().attach(REQUEST, AGENT, NEVER)
    expect(answer).toEqual({ status: 'success', message: 'Attached 7 tools', details })
  })

  it('finds without attaching', async () => {
    expect(await create().search('read', 10, NEVER)).toEqual(FOUND)
    expect(fake.requests[0]).toMatchObject({ path: '/api/v1/tools/search', body: '{"query":"read","limit":10}' })
  })

  it('tells what its health says of its tools', async () => {
    expect(await create().check(NEVER)).toEqual({ tools: 12, servers: ['github', 'jira'] })
    expect(fake.requests[0]).toMatchObject({ method: 'GET', path: '/api/v1/health' })
  })

  it('asks the older health path where the newer is missing', async () => {
    fake.behaveOnce(reply(404, 'Not Found'))
    expect(await create().check(NEVER)).toEqual({ tools: 12, servers: ['github', 'jira'] })
    expect(fake.requests.map(({ path }) => path)).toEqual(['/api/v1/health', '/api/health'])
  })

  it('fails its check where neither health path exists', async () => {
    fake.behave(reply(404, 'Not Found'))
    await expect(create().check(NEVER)).rejects.toMatchObject({
      code: 'selector_failed',
      message: `Tool selector at ${fake.url} answered 404; is TOOL_SELECTOR_URL right?`,
    })
  })
})

describe('the connections of an API selector', () => {
  it('are reused by calls one after the other', async () => {
    const selector = create()
    for (let call = 0; call < 50; call++) await selector.attach(REQUEST, AGENT, NEVER)
    // The second is opened because undici frees a connection a moment after its answer is read.
    expect(fake.connections.accepted).toBeLessThanOrEqual(2)
    expect(observer).toMatchObject({ opened: fake.connections.accepted, closed: 0 })
    expect(observer.outcomes).toEqual(Array.from({ length: 50 }, () => 'success'))
  })

  it('are shared by a thousand calls at once', async () => {
    const selector = create({ timeoutMs: 60_000 })
    await Promise.all(Array.from({ length: 1_000 }, () => selector.attach(REQUEST, AGENT, NEVER)))
    expect(fake.requests).toHaveLength(1_000)
    expect(fake.connections.accepted).toBeLessThanOrEqual(128)
  })

  it('are not opened before the first call', async () => {
    create()
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(fake.connections.accepted).toBe(0)
  })

  it('are closed when the selector is disposed', async () => {
    const selector = create()
    await selector.attach(REQUEST, AGENT, NEVER)
    await selector[Symbol.asyncDispose]()
    expect(observer).toMatchObject({ opened: 1, closed: 1 })
    await expect.poll(() => fake.connections.open).toBe(0)
  })

  it('may end under a call when the selector is disposed', async () => {
    fake.behave(SLOW.silence)
    const selector = create()
    const outcome = errorOf(selector.attach(REQUEST, AGENT, NEVER))
    await expect.poll(() => fake.requests.length).toBe(1)
    await selector[Symbol.asyncDispose]()
    expect(await outcome).toMatchObject({ code: 'shutting_down' })
  })

  it('are opened no more after that', async () => {
    const selector = create()
    await selector[Symbol.asyncDispose]()
    await expect(selector.attach(REQUEST, AGENT, NEVER)).rejects.toMatchObject({ code: 'shutting_down' })
    expect(fake.connections.accepted).toBe(0)
  })
})

describe('a call that takes too long or is given up', () => {
  it.each(Object.entries(SLOW))('ends at its deadline with %s', async (_, behaviour: Behaviour) => {
    fake.behave(behaviour)
    await expect(create({ timeoutMs: 100 }).attach(REQUEST, AGENT, NEVER)).rejects.toMatchObject({
      code: 'selector_timeout',
      message: 'Tool selector did not answer within 100 ms.',
    })
    expect(observer.outcomes).toEqual(['selector_timeout'])
    await expect.poll(() => fake.connections.open).toBe(0)
  })

  it('ends when its caller leaves, and its request with it', async () => {
    fake.behave(SLOW.silence)
    const caller = new AbortController()
    const outcome = errorOf(create().attach(REQUEST, AGENT, caller.signal))
    await expect.poll(() => fake.requests.length).toBe(1)
    caller.abort()
    expect(await outcome).toMatchObject({ code: 'cancelled' })
    await expect.poll(() => fake.connections.open).toBe(0)
  })

  it('is never sent when its caller has left before', async () => {
    const attached = create().attach(REQUEST, AGENT, AbortSignal.abort())
    await expect(attached).rejects.toMatchObject({ code: 'cancelled' })
    expect(fake.requests).toHaveLength(0)
  })

  it('leaves nothing behind that hinders the next one', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    fake.behaveOnce(SLOW['headers, then silence'])
    const selector = create()
    const late = errorOf(selector.attach(REQUEST, AGENT, NEVER))
    await expect.poll(() => fake.requests.length).toBe(1)
    vi.advanceTimersByTime(60_000)
    expect(await late).toMatchObject({ code: 'selector_timeout' })
    await expect(selector.attach(REQUEST, AGENT, NEVER)).resolves.toMatchObject({ status: 'success' })
  })

  it('is not sent when it ended while it waited for a free connection', async () => {
    const held: (() => void)[] = []
    fake.behave((request, response) => void held.push(() => healthy(request, response)))
    const selector = create({ timeoutMs: 60_000 })
    const busy = Array.from({ length: 128 }, () => selector.attach(REQUEST, AGENT, NEVER))
    await expect.poll(() => fake.requests.length).toBe(128)
    const caller = new AbortController()
    const outcome = errorOf(selector.attach(REQUEST, AGENT, caller.signal))
    caller.abort()
    expect(await outcome).toMatchObject({ code: 'cancelled' })
    fake.behave(healthy)
    for (const answer of held) answer()
    await Promise.all(busy)
    await selector.attach(REQUEST, AGENT, NEVER)
    expect(fake.requests).toHaveLength(129)
    expect(fake.connections.accepted).toBe(128)
  })
})

describe('a lost connection', () => {
  it.each(['a connection closed without an answer', 'a reset connection'] as const)(
    'is met by one more try after %s',
    async (name) => {
      fake.behaveOnce(HOSTILE[name])
      await expect(create().attach(REQUEST, AGENT, NEVER)).resolves.toMatchObject({ status: 'success' })
      expect(fake.requests).toHaveLength(2)
      expect(observer.outcomes).toEqual(['success'])
    },
  )

  it('is met by one more try and no third', async () => {
    fake.behave(HOSTILE['a connection closed without an answer'])
    await expect(create().attach(REQUEST, AGENT, NEVER)).rejects.toMatchObject({
      code: 'selector_failed',
      message: `Tool selector at ${fake.url} closed the connection without an answer.`,
    })
    expect(fake.requests).toHaveLength(2)
  })

  it('is not met by another try once the answer has begun', async () => {
    fake.behave(HOSTILE['a body cut off by a closed connection'])
    await expect(create().attach(REQUEST, AGENT, NEVER)).rejects.toMatchObject({
      code: 'selector_failed',
      message: `Tool selector at ${fake.url} closed the connection in the middle of its answer.`,
    })
    expect(fake.requests).toHaveLength(1)
  })

  it('goes unnoticed when the selector closed it while it was idle', async () => {
    const port = await findFreePort()
    const before = await startFakeSelector({ port })
    const selector = create({ baseUrl: before.url })
    await selector.attach(REQUEST, AGENT, NEVER)
    await before[Symbol.asyncDispose]()
    await using _ = await startFakeSelector({ port })
    await expect(selector.attach(REQUEST, AGENT, NEVER)).resolves.toMatchObject({ status: 'success' })
  })

  it('is named with its remedy when nobody listens', async () => {
    const baseUrl = `http://127.0.0.1:${await findFreePort()}`
    await expect(create({ baseUrl }).attach(REQUEST, AGENT, NEVER)).rejects.toMatchObject({
      code: 'selector_failed',
      message: `Tool selector at ${baseUrl} refused the connection; is it running?`,
    })
  })

  it('does not outlast the deadline by its retry', async () => {
    fake.behave(delayed(60, HOSTILE['a connection closed without an answer']))
    await expect(create({ timeoutMs: 90 }).attach(REQUEST, AGENT, NEVER)).rejects.toMatchObject({
      code: 'selector_timeout',
    })
  })

  it('is named with its remedy when the host is unknown', async () => {
    const selector = create({ baseUrl: 'http://selector.invalid' })
    await expect(selector.attach(REQUEST, AGENT, NEVER)).rejects.toMatchObject({
      code: 'selector_failed',
      message: 'Tool selector at http://selector.invalid has an unknown host; is TOOL_SELECTOR_URL right?',
    })
  })

  it('is a plain failure when the other side speaks no TLS', async () => {
    const plain = createServer((socket) => socket.end('hello\r\n'))
    await once(plain.listen(0, '127.0.0.1'), 'listening')
    const { port } = plain.address() as { port: number }
    const selector = create({ baseUrl: `https://127.0.0.1:${port}` })
    await expect(selector.attach(REQUEST, AGENT, NEVER)).rejects.toMatchObject({ code: 'selector_failed' })
    plain.close()
  })
})

describe('a redirect', () => {
  it.each([307, 308])('with %s within the origin is followed once, method and body kept', async (status) => {
    fake.behaveOnce(reply(status, '', { location: '/moved/api/v1/tools/attach?to=b' }))
    await create({ token: 'secret-token' }).attach(REQUEST, AGENT, NEVER)
    const [first, second] = fake.requests
    expect(second).toMatchObject({ method: 'POST', path: '/moved/api/v1/tools/attach?to=b', body: first?.body })
    expect(second?.headers.authorization).toBe('Bearer secret-token')
  })

  it('to another origin is not followed, whatever it looks like', async () => {
    await using other = await startFakeSelector()
    const selector = create({ token: 'secret-token' })
    for (const location of [`${other.url}/x`, other.url.replace('http:', ''), `${fake.url.replace('//', '//a@')}0/`]) {
      fake.behaveOnce(reply(307, '', { location }))
      await expect(selector.attach(REQUEST, AGENT, NEVER)).rejects.toMatchObject({
        message: `Tool selector at ${fake.url} answered 307, a redirect that is not followed; is TOOL_SELECTOR_URL right?`,
      })
    }
    expect(other.connections.accepted).toBe(0)
  })
})

describe('a refusal by the selector', () => {
  it('says when to come back, at most a minute from now', async () => {
    fake.behaveOnce(
      replyJson({ error: 'Slow down' }, 429, { 'retry-after': '3155760000' }),
      replyJson({ error: 'Slow down' }, 503, { 'retry-after': '2' }),
      replyJson({ error: 'Slow down' }, 429, { 'retry-after': 'soon' }),
      replyJson({ error: 'Slow down' }, 429, { 'retry-after': 'Wed, 21 Oct 2015 07:28:00 GMT' }),
    )
    const selector = create()
    const waits: unknown[] = []
    for (let call = 0; call < 4; call++) {
      await selector.attach(REQUEST, AGENT, NEVER).catch((error) => waits.push(error.retryAfterMs))
    }
    expect(waits).toEqual([60_000, 2_000, undefined, 0])
  })

  it('names the token when it is not allowed', async () => {
    fake.behave(replyJson({ error: 'bad credentials' }, 401))
    await expect(create().attach(REQUEST, AGENT, NEVER)).rejects.toMatchObject({
      message: `Tool selector at ${fake.url} answered 401: "bad credentials"; is TOOL_SELECTOR_TOKEN right?`,
    })
  })

  it('is quoted without our secrets', async () => {
    fake.behave(replyJson({ success: false, error: 'token secret-token and letta are wrong' }, 500))
    const selector = create({ token: 'secret-token', lettaPassword: 'letta' })
    await expect(selector.attach(REQUEST, AGENT, NEVER)).rejects.toMatchObject({
      message: `Tool selector at ${fake.url} answered 500: "token [redacted] and [redacted] are wrong".`,
    })
  })
})
