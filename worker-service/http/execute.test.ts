import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ErrorCode } from '../../shared/errors/error-code.ts'
import { ServiceError } from '../../shared/errors/service-error.ts'
import { exchange, post } from '../../test/support/raw-http.ts'
import { type RunningHttp, startTestHttp } from '../../test/support/test-http.ts'
import type { ServerControl } from '../control/worker-control.ts'

const MAX_MESSAGE_BYTES = 2_000_000
const LOSSLESS = '{"content":[],"n":12345678901234567890,"n":1.0,"é":"\\u00e9"}'

const calls: Array<{ server: string; tool: string; arguments: string }> = []

const servers: Partial<ServerControl> = {
  status: () => ({ service: STATUS, servers: [] }),
  execute: async (server, call, signal) => {
    calls.push({ server, tool: call.tool, arguments: call.arguments.toString() })
    if (call.tool.startsWith('fails ')) throw new ServiceError(call.tool.slice(6) as ErrorCode, 'Why.')
    if (call.tool === 'waits') await new Promise((_, reject) => signal.addEventListener('abort', reject))
    return Buffer.from(LOSSLESS)
  },
  connect: () => expect.unreachable(),
  maxMessageBytes: () => MAX_MESSAGE_BYTES,
}

const STATUS = {
  version: '1.2.3',
  pid: 7,
  uptime_s: 1,
  config_path: '/etc/mcp.json',
  config_problem: null,
  isolation: 'guardian',
  counts: { servers: 0, running: 0, clients: 0, in_flight: 0 },
} as const

let http: RunningHttp
beforeAll(async () => {
  http = await startTestHttp({ servers })
})
afterAll(() => http.close())

async function execute(path: string, body: string, headers: Record<string, string> = {}) {
  const authorization = `Bearer ${http.token}`
  const [answer] = await exchange(http.url, post(path, body, { authorization, ...headers }))
  return answer
}

describe('POST /servers/{name}/execute', () => {
  it.each(['/servers', '/proxies'])(
    "passes on the caller's bytes and answers with the server's own, under %s",
    async (mount) => {
      const answer = await execute(`${mount}/git.hub/execute`, `{"tool":"a","arguments":${LOSSLESS}}`)
      expect([answer?.status, Buffer.from(answer?.body ?? '', 'latin1').toString()]).toEqual([200, LOSSLESS])
      expect(calls.at(-1)).toEqual({ server: 'git.hub', tool: 'a', arguments: LOSSLESS })
      expect(http.finished.at(-1)?.route).toBe(`${mount}/{name}/execute`)
    },
  )

  it('takes no arguments for none', async () => {
    expect((await execute('/servers/a/execute', '{"tool":"x"}'))?.status).toBe(200)
    expect(calls.at(-1)?.arguments).toBe('{}')
  })

  it.each([
    ['unknown_server', 404],
    ['unknown_tool', 404],
    ['tool_withheld', 409],
    ['too_large', 413],
    ['server_unavailable', 503],
    ['overloaded', 503],
    ['connection_closed', 502],
    ['timeout', 504],
  ])('answers a call that fails with %s with %i', async (code, status) => {
    const answer = await execute('/servers/a/execute', `{"tool":"fails ${code}"}`)
    expect([answer?.status, JSON.parse(answer?.body ?? '')]).toEqual([
      status,
      { status: 'error', code, message: 'Why.', details: null },
    ])
  })

  it.each([
    ['{}', 'missing', ['body', 'tool']],
    ['{"tool":7}', 'string_type', ['body', 'tool']],
    ['{"tool":""}', 'string_too_short', ['body', 'tool']],
    ['{"tool":"a","arguments":[]}', 'dict_type', ['body', 'arguments']],
    ['null', 'model_attributes_type', ['body']],
    ['{', 'json_invalid', ['body', 1]],
  ])('answers 422 to %s', async (body, type, loc) => {
    const answer = await execute('/servers/a/execute', body)
    expect([answer?.status, JSON.parse(answer?.body ?? '').detail]).toMatchObject([422, [{ type, loc }]])
  })

  it('takes bodies up to what the server takes, and no larger', async () => {
    const body = (length: number) => `{"tool":"a","arguments":{"a":"${'x'.repeat(length - 33)}"}}`
    expect((await execute('/servers/a/execute', body(MAX_MESSAGE_BYTES)))?.status).toBe(200)
    expect((await execute('/servers/a/execute', body(MAX_MESSAGE_BYTES + 1)))?.status).toBe(413)
    expect((await execute('/servers/a/execute', '{"tool":"a"}', { 'content-type': 'text/plain' }))?.status).toBe(415)
  })

  it.each([
    '/servers/a/b/execute',
    '/servers//execute',
    '/servers/a%2Fb/execute',
    '/servers/%61/execute',
    '/servers/a%00/execute',
    `/servers/${'a'.repeat(41)}/execute`,
    '/servers/a/execute/',
    '/servers/../execute',
    '/servers/./execute',
    '/servers/a/__proto__',
    '/other/a/execute',
    '/x/../servers/a/execute',
  ])('is not at %s', async (path) => {
    const before = calls.length
    expect((await execute(path, '{"tool":"a"}'))?.status).toBe(404)
    expect(calls.length).toBe(before)
  })
})

describe('control', () => {
  const get = (path: string, headers = '') => `GET ${path} HTTP/1.1\r\nhost: localhost\r\n${headers}\r\n`

  it.each(['auto', 'none', 'token'] as const)('needs the token also on loopback (WORKER_AUTH=%s)', async (auth) => {
    const own = await startTestHttp({ servers, worker: { auth } })
    const before = calls.length
    const attempts = [
      post('/servers/a/execute', '{"tool":"a"}'),
      post('/proxies/a/execute', '{"tool":"a"}'),
      post('/servers/a/execute', '{"tool":"a"}', { authorization: 'Bearer wrong' }),
      get('/status'),
      get('/%73tatus'),
    ]
    const answers = await Promise.all(attempts.map((attempt) => exchange(own.url, attempt)))
    const [right] = await exchange(own.url, get('/status', `authorization: Bearer ${own.token}\r\n`))
    await own.close()
    expect(answers.map(([answer]) => answer?.status)).toEqual([401, 401, 401, 401, 401])
    expect([right?.status, JSON.parse(right?.body ?? '')]).toEqual([200, { service: STATUS, servers: [] }])
    expect(calls.length).toBe(before)
  })

  it('is described, with its token', async () => {
    const document = (await (await fetch(`${http.url}/openapi.json`)).json()) as { paths: Record<string, object> }
    expect(document.paths).toMatchObject({
      '/status': { get: { security: [{ token: [] }] } },
      '/servers/{name}/execute': { post: { security: [{ token: [] }] } },
      '/proxies/{name}/execute': { post: { security: [{ token: [] }] } },
    })
  })
})
