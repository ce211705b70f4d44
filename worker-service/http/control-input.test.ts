import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exchange, type RawAnswer } from '../../test/support/raw-http.ts'
import { ScriptedControl } from '../../test/support/scripted-control.ts'
import { type RunningHttp, startTestHttp } from '../../test/support/test-http.ts'
import { allRoutes } from './routes.ts'

const control = new ScriptedControl()
let http: RunningHttp
/** The statuses that the description knows, by `post /servers/{name}/execute`. */
const described = new Map<string, string[]>()
beforeAll(async () => {
  http = await startTestHttp(control)
  const { paths } = (await (await fetch(`${http.url}/openapi.json`)).json()) as {
    paths: Record<string, Record<string, { responses: object }>>
  }
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, { responses }] of Object.entries(methods)) {
      described.set(`${method.toUpperCase()} ${path}`, Object.keys(responses))
    }
  }
})
afterAll(() => http.close())

const JSON_TYPE = 'application/json'
const NESTED = '['.repeat(500_000) + ']'.repeat(500_000)

/** Bodies as nobody should send them, and what is answered by a route that takes a tool call, and by one that takes nothing. */
const BODIES = (
  [
    ['no body', '', JSON_TYPE, 422, 200],
    ['truncated JSON', '{"tool":"ec', JSON_TYPE, 422, 422],
    ['null', 'null', JSON_TYPE, 422, 200],
    ['a number', '1', JSON_TYPE, 422, 200],
    ['an array', '[]', JSON_TYPE, 422, 200],
    ['a byte order mark', '\uFEFF{"tool":"echo"}', JSON_TYPE, 200, 200],
    ['invalid UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), JSON_TYPE, 422, 422],
    ['a lone surrogate', '{"tool":"echo","arguments":{"x":"\\ud800"}}', JSON_TYPE, 200, 200],
    ['half a million nested arrays', NESTED.slice(0, 10_000), JSON_TYPE, 422, 422],
    ['a body that is as large as it may be', `{"tool":"echo","x":"${'y'.repeat(9_978)}"}`, JSON_TYPE, 200, 200],
    ['a byte more', `{"tool":"echo","x":"${'y'.repeat(9_979)}"}`, JSON_TYPE, 413, 200],
    ['2 MB', `{"tool":"echo","x":"${'y'.repeat(2_000_000)}"}`, JSON_TYPE, 413, 413],
    ['a text', '{"tool":"echo"}', 'text/plain', 415, 415],
    ['a form', 'tool=echo', 'application/x-www-form-urlencoded', 415, 415],
    ['a form of parts', '--x--', 'multipart/form-data; boundary=x', 415, 415],
    ['no type', '{"tool":"echo"}', '', 415, 415],
    ['UTF-16', '{"tool":"echo"}', 'application/json; charset=utf-16', 415, 415],
    ['a tool twice', '{"tool":"echo","tool":"breaks"}', JSON_TYPE, 422, 200],
    ['__proto__', '{"tool":"echo","__proto__":{"x":1},"arguments":{"__proto__":{"x":1}}}', JSON_TYPE, 200, 200],
    ['control characters', '{"tool":"a\\u0000\\u202e\\u001b[31m"}', JSON_TYPE, 200, 200],
  ] as const
).map(([what, body, type, call, nothing]) => ({ what, body, type, call, nothing }))

const POSTS = allRoutes()
  .filter(({ label, methods, access }) => access === 'control' && methods === 'POST' && !label.startsWith('/mcp'))
  .map(({ label }) => label)

function request(line: string, headers: readonly string[], body: string | Buffer): Buffer {
  const authorization = `authorization: Bearer ${http.token}`
  const head = [`${line.replace('{name}', 'a')} HTTP/1.1`, 'host: localhost', authorization, ...headers, '', '']
  return Buffer.concat([Buffer.from(head.join('\r\n')), Buffer.from(body)])
}

function post(route: string, body: string | Buffer, type: string): Buffer {
  const length = `content-length: ${Buffer.byteLength(body)}`
  return request(`POST ${route}`, type === '' ? [length] : [`content-type: ${type}`, length], body)
}

/** What is answered to a request, and the status of a good one behind it on the same connection. */
async function thenGood(bytes: Buffer): Promise<[RawAnswer | undefined, number | undefined]> {
  const [answer, next] = await exchange(http.url, [bytes, request('GET /status', [], '')], 2)
  return [answer, next?.status]
}

describe.each(POSTS)('POST %s', (route) => {
  it.each(BODIES)(
    'answers $what as described, and the next request on the connection',
    async ({ body, type, call, nothing }) => {
      const [answer, next] = await thenGood(post(route, body, type))
      const ok = route === '/shutdown' ? 202 : 200
      const expected = route.endsWith('/execute') ? call : nothing
      expect([answer?.status, next]).toEqual([expected === 200 ? ok : expected, 200])
      expect(described.get(`POST ${route}`)).toContain(String(answer?.status))
      expect(({} as Record<string, unknown>).x).toBeUndefined()
    },
  )

  it('refuses a content encoding, so that a small body cannot become a large one', async () => {
    const headers = ['content-type: application/json', 'content-encoding: gzip', 'content-length: 2']
    const [answer, next] = await thenGood(request(`POST ${route}`, headers, '{}'))
    expect([answer?.status, next]).toEqual([415, 200])
  })

  it('is refused by a declared length of 10 GB before a byte of it came', async () => {
    const headers = ['content-type: application/json', 'content-length: 10000000000']
    const [answer] = await exchange(http.url, request(`POST ${route}`, headers, ''))
    expect(answer?.status).toBe(413)
  })

  it('counts where chunks never end', async () => {
    const head = request(`POST ${route}`, ['content-type: application/json', 'transfer-encoding: chunked'], '')
    const chunk = `10000\r\n${'a'.repeat(0x10000)}\r\n`
    const [answer] = await exchange(http.url, [head, ...Array.from({ length: 40 }, () => chunk)])
    expect(answer?.status).toBe(413)
  })
})

describe('control', () => {
  it.each([
    ['GET /status?stream=maybe', 422],
    ['GET /status?stream=1&stream=maybe', 200],
    ['GET /servers/a/logs?lines=-1', 422],
    ['GET /servers/a/logs?lines=1e400', 422],
    ['GET /servers/a/logs?lines=%F0%28%8C%28', 422],
    ['GET /servers/a/logs?lines=%', 422],
    ['GET /servers/a/logs?follow=2', 422],
    ['POST /servers/a/execute?stream=maybe', 422],
    [`GET /status?${'x'.repeat(10_000)}`, 200],
  ])('answers %s with %i, as described', async (line, status) => {
    const headers = line.startsWith('POST') ? ['content-type: application/json', 'content-length: 15'] : []
    const answers = await exchange(http.url, request(line, headers, headers.length > 0 ? '{"tool":"echo"}' : ''))
    expect(answers[0]?.status).toBe(status)
    const [method, path = ''] = line.split(' ')
    const route = `${method} ${path.split('?')[0]?.replace('/a/', '/{name}/')}`
    expect(described.get(route)).toContain(String(status))
  })

  it('refuses a query of 10 MB and 2,001 headers', async () => {
    const long = await exchange(http.url, request(`GET /status?${'x'.repeat(10_000_000)}`, [], ''))
    const many = await exchange(
      http.url,
      request(
        'GET /status',
        Array.from({ length: 2_001 }, () => 'a: b'),
        '',
      ),
    )
    expect([long[0]?.status, many[0]?.status]).toEqual([431, 431])
  })

  it.each(['/status', '/servers', '/proxies', '/servers/a', '/servers/a/tools', '/servers/a/logs?follow=1'])(
    'answers HEAD %s as GET, without a body',
    async (path) => {
      const [answer] = await exchange(http.url, request(`HEAD ${path}`, ['connection: close'], ''))
      expect([answer?.status, answer?.head.endsWith('\r\n\r\n')]).toEqual([200, false])
    },
  )

  it.each(allRoutes().filter(({ access }) => access === 'control'))(
    'has no OPTIONS for $label',
    async ({ label, methods }) => {
      const [answer, next] = await thenGood(request(`OPTIONS ${label}`, [], ''))
      const allowed = /^allow: (.*)$/im.exec(answer?.head ?? '')?.[1]
      expect([answer?.status, allowed, next]).toEqual([405, methods.replace(/^GET$/, 'GET, HEAD'), 200])
    },
  )

  it('meets nothing that nobody expected', () => {
    expect(http.unexpected).toEqual([])
  })
})
