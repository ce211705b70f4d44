import { describe, expect, it } from 'vitest'
import { exchange } from '../../test/support/raw-http.ts'
import { startTestHttp } from '../../test/support/test-http.ts'
import { allRoutes } from './routes.ts'

type Asks = 'nothing' | 'guard' | 'token'

// Who may call what, as it is promised; the route table is held to it, and not the other way round.
const OPEN_TO_ALL = ['/health']
const CONTROL = /^\/(status|shutdown|mcp(\/.*)?|(servers|proxies)(\/.*)?)$/

const LISTENERS = [
  ['auto', '127.0.0.1', { open: 'guard' }],
  ['none', '127.0.0.1', { open: 'guard' }],
  ['token', '127.0.0.1', { open: 'token' }],
  ['auto', '0.0.0.0', { open: 'token' }],
  ['none', '0.0.0.0', { open: 'guard' }],
  ['token', '0.0.0.0', { open: 'token' }],
] as const

const TOKEN = 'authorization: Bearer test-token\r\n'
const ATTEMPTS = {
  bare: 'host: localhost\r\n',
  token: `host: localhost\r\n${TOKEN}`,
  'wrong token': 'host: localhost\r\nauthorization: Bearer test-tokens\r\n',
  'foreign host': `host: evil.example\r\n${TOKEN}`,
  'two hosts': `host: localhost\r\nhost: evil.example\r\n${TOKEN}`,
  'foreign origin': `host: localhost\r\norigin: http://evil.example\r\n${TOKEN}`,
  'no origin at all': `host: localhost\r\norigin: null\r\n${TOKEN}`,
  'cross-site': `host: localhost\r\nsec-fetch-site: cross-site\r\n${TOKEN}`,
} as const
type Attempt = keyof typeof ATTEMPTS

/** Which attempts must be refused, and with what. */
const REFUSED: Record<Asks, Partial<Record<Attempt, number>>> = {
  nothing: { 'two hosts': 400 },
  guard: {
    'foreign host': 403,
    'two hosts': 400,
    'foreign origin': 403,
    'no origin at all': 403,
    'cross-site': 403,
  },
  get token() {
    return { ...this.guard, bare: 401, 'wrong token': 401 }
  },
}

const ROUTES = allRoutes().map(({ label, methods }) => ({
  label,
  path: label.replace('{name}', 'some-server'),
  method: methods.split(', ')[0] ?? '',
}))

function asked(label: string, open: Asks): Asks {
  if (OPEN_TO_ALL.includes(label)) return 'nothing'
  return CONTROL.test(label) ? 'token' : open
}

function toRequest({ method, path }: { method: string; path: string }, headers: string): string {
  const body = method === 'POST' ? 'content-type: application/json\r\ncontent-length: 2\r\n\r\n{}' : '\r\n'
  return `${method} ${path} HTTP/1.1\r\nconnection: close\r\n${headers}${body}`
}

/** Every attempt that was refused for who asked, with its status. */
async function refusals(url: string, route: (typeof ROUTES)[number]): Promise<Partial<Record<Attempt, number>>> {
  const attempts = Object.entries(ATTEMPTS).map(async ([attempt, headers]) => {
    const [answer] = await exchange(url, toRequest(route, headers))
    return [attempt, answer?.status ?? 0] as const
  })
  const refused = (await Promise.all(attempts)).filter(
    ([attempt, status]) => [0, 401, 403].includes(status) || attempt === 'two hosts',
  )
  return Object.fromEntries(refused)
}

describe('every route', () => {
  it.each(LISTENERS)('with WORKER_AUTH=%s on %s lets in whom it promises to', async (auth, host, { open }) => {
    const http = await startTestHttp({ worker: { auth, host } })
    const url = http.url.replace('0.0.0.0', '127.0.0.1')
    const found = await Promise.all(ROUTES.map(async (route) => [route.label, await refusals(url, route)] as const))
    await http.close()
    const promised = ROUTES.map(({ label }) => [label, REFUSED[asked(label, open)]])
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(promised))
    expect(http.shutDowns).toBe(1)
  })

  it.each(['auto', 'none', 'token'] as const)(
    'with WORKER_AUTH=%s lets in whoever can reach the private socket, but no web page',
    async (auth) => {
      const http = await startTestHttp({ worker: { auth, host: '0.0.0.0' } })
      const found = await Promise.all(
        ROUTES.map(async (route) => [route.label, await refusals(http.socketPath, route)] as const),
      )
      await http.close()
      const promised = ROUTES.map(({ label }) => [
        label,
        REFUSED[asked(label, 'guard') === 'nothing' ? 'nothing' : 'guard'],
      ])
      expect(Object.fromEntries(found)).toEqual(Object.fromEntries(promised))
    },
  )

  it('is described with all its methods, but for those of the description itself', async () => {
    const http = await startTestHttp()
    const { paths } = (await (await fetch(`${http.url}/openapi.json`)).json()) as { paths: Record<string, object> }
    await http.close()
    const described = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    )
    const expected = allRoutes()
      .filter(({ label }) => !/^\/(docs|openapi\.json|api\/health)/.test(label))
      .flatMap(({ label, methods }) => methods.split(', ').map((method) => `${method} ${label}`))
    expect(described.toSorted()).toEqual(expected.toSorted())
  })

  it('says which methods it takes to one that it does not', async () => {
    const http = await startTestHttp()
    const answers = await Promise.all(
      ROUTES.map(({ path }) => exchange(http.url, toRequest({ method: 'PUT', path }, ATTEMPTS.token))),
    )
    await http.close()
    const allowed = answers.map(([answer]) => [answer?.status, /^allow: (.*)\r$/im.exec(answer?.head ?? '')?.[1]])
    expect(allowed).toEqual(allRoutes().map(({ methods }) => [405, methods.replace(/^GET$/, 'GET, HEAD')]))
  })
})
