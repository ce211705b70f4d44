import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { GrpcCaller, methodsOf } from '../../test/support/grpc-caller.ts'
import { exchange } from '../../test/support/raw-http.ts'
import { ScriptedControl } from '../../test/support/scripted-control.ts'
import { type RunningHttp, startTestHttp } from '../../test/support/test-http.ts'

const SERVICES = [
  'pilotlight.v1.Pool',
  'mcp_daemon.McpDaemon',
  'grpc.health.v1.Health',
  'grpc.reflection.v1.ServerReflection',
]
const METHODS = SERVICES.flatMap((service) => methodsOf(service).map(({ name }) => `${service}/${name}`))

const TOKEN = { authorization: 'Bearer test-token' }
const ATTEMPTS = {
  bare: {},
  token: TOKEN,
  'scheme in lower case': { authorization: 'bearer test-token' },
  'wrong token': { authorization: 'Bearer test-tokens' },
  'token alone': { authorization: 'test-token' },
  'two tokens': { authorization: 'Bearer test-token, Bearer test-token' },
  'foreign origin': { ...TOKEN, origin: 'http://evil.example' },
  'no origin at all': { ...TOKEN, origin: 'null' },
  'cross-site': { ...TOKEN, 'sec-fetch-site': 'cross-site' },
}

// Who may call what, as it is promised: whoever reaches the private socket, and over TCP holders of the token; no web page.
const FROM_PAGES = {
  'foreign origin': 'PERMISSION_DENIED',
  'no origin at all': 'PERMISSION_DENIED',
  'cross-site': 'PERMISSION_DENIED',
}
const REFUSED = {
  socket: FROM_PAGES,
  port: {
    ...FROM_PAGES,
    bare: 'UNAUTHENTICATED',
    'wrong token': 'UNAUTHENTICATED',
    'token alone': 'UNAUTHENTICATED',
    'two tokens': 'UNAUTHENTICATED',
  },
}

let control: ScriptedControl
let http: RunningHttp
beforeAll(async () => {
  control = new ScriptedControl()
  http = await startTestHttp(control)
})
afterAll(() => http.close())

/** Every attempt that was refused for who asked, with its status. */
async function refusals(grpc: GrpcCaller, method: string): Promise<Record<string, string>> {
  const attempts = Object.entries(ATTEMPTS).map(async ([attempt, headers]) => {
    // Some have no end of their own.
    const leaving = new AbortController()
    const onMessage = () => leaving.abort()
    const { status } = await grpc.call(method, {}, { headers, deadlineMs: 60_000, signal: leaving.signal, onMessage })
    return [attempt, status] as const
  })
  const refused = (await Promise.all(attempts)).filter(([, status]) =>
    ['UNAUTHENTICATED', 'PERMISSION_DENIED'].includes(status),
  )
  return Object.fromEntries(refused)
}

describe('every method', () => {
  it.each(['socket', 'port'] as const)('over the %s lets in whom it promises to', async (listener) => {
    using grpc = new GrpcCaller(listener === 'socket' ? http.grpcSocketPath : http.grpcAddress)
    const found = await Promise.all(METHODS.map(async (method) => [method, await refusals(grpc, method)] as const))
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(METHODS.map((method) => [method, REFUSED[listener]])))
  })

  it('is refused before its message is looked at', async () => {
    using grpc = new GrpcCaller(http.grpcAddress)
    const call = { server: 'a', tool: 'echo', arguments: '{"x":' }
    const { status, body } = await grpc.call('pilotlight.v1.Pool/Execute', call)
    expect([status, body, control.asked]).toMatchObject(['UNAUTHENTICATED', { code: 'unauthenticated' }, []])
  })
})

describe('what speaks no gRPC', () => {
  it.each([
    [
      'a request of HTTP/1.1',
      'POST /pilotlight.v1.Pool/Shutdown HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\n\r\n',
    ],
    ['a web socket', 'GET / HTTP/1.1\r\nhost: localhost\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n'],
    [
      'an upgrade to HTTP/2',
      'GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade, http2-settings\r\nupgrade: h2c\r\n\r\n',
    ],
    ['noise', Buffer.alloc(4_096, 0xff)],
  ])('%s is answered with nothing, and the next caller is served', async (_, bytes) => {
    const before = http.shutDowns
    const answers = await Promise.all(
      [`http://${http.grpcAddress}`, http.grpcSocketPath].map((to) => exchange(to, bytes)),
    )
    expect(answers).toEqual([[], []])
    expect(http.shutDowns).toBe(before)
    using grpc = new GrpcCaller(http.grpcSocketPath)
    expect((await grpc.call('mcp_daemon.McpDaemon/Health')).status).toBe('OK')
  })
})
