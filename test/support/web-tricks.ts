import { allRoutes } from '../../worker-service/http/routes.ts'
import { firstStatus } from './raw-http.ts'

/** Something that a web page, or whoever stands behind one, can make a request look like. */
export interface WebTrick {
  name: string
  /** Headers besides Host, in place of it where there is one. */
  headers?: readonly string[]
  host?: readonly string[]
  /** How the path is written. */
  target?: (path: string) => string
  contentType?: string
  /** Whether it marks the request as one of a foreign page: it is refused then, also with the token. */
  isForeign: boolean
}

const FOREIGN_HOSTS = [
  'evil.example',
  'evil.example:3021',
  'localhost.evil.example',
  'localhost.',
  'localhost:80:80',
  'evil@localhost',
  'localhost@evil.example',
  '127.0.0.1.nip.io',
  '127.1',
  '2130706433',
  '0.0.0.0',
  '[::ffff:127.0.0.1]',
  '[::1',
  'localhost:x',
  'localhost/',
  'localhost,evil.example',
  '',
]
const FOREIGN_ORIGINS = [
  'http://evil.example',
  'https://evil.example',
  'null',
  'http://localhost.evil.example',
  'http://localhost:1',
  'https://localhost',
  'http://127.0.0.1',
  'http://localhost@evil.example',
  'file://',
  'chrome-extension://abcdefgh',
  'http://localhost, http://evil.example',
]
const SIMPLE_TYPES = ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', '']
const OTHER_SPELLINGS: Record<string, (path: string) => string> = {
  'an escaped letter': (path) => path.replace(/[a-z]/, (letter) => `%${letter.charCodeAt(0).toString(16)}`),
  'two slashes': (path) => `/${path}`,
  'a dot': (path) => `/.${path}`,
  'dots upwards': (path) => `/health/..${path}`,
  'escaped dots': (path) => `/health/%2e%2e${path}`,
  'a slash at the end': (path) => `${path}/`,
  'a backslash': (path) => path.replace('/', '\\'),
  'a parameter': (path) => `${path};a=b`,
  'a fragment': (path) => `${path}#a`,
  'a null byte': (path) => `${path}%00`,
  'upper case': (path) => path.toUpperCase(),
  'a query': (path) => `${path}?token=test-token&access_token=test-token`,
  'the form for proxies': (path) => `http://evil.example${path}`,
  'the form for proxies, with our name': (path) => `http://localhost${path}`,
}

/** Every trick with Host, Origin, Content-Type and path. */
export const WEB_TRICKS: readonly WebTrick[] = [
  { name: 'nothing', isForeign: false },
  ...FOREIGN_HOSTS.map((host) => ({ name: `the Host ${JSON.stringify(host)}`, host: [host], isForeign: true })),
  { name: 'no Host', host: [], isForeign: true },
  { name: 'two Hosts', host: ['localhost', 'evil.example'], isForeign: true },
  { name: 'two Hosts, ours last', host: ['evil.example', 'localhost'], isForeign: true },
  {
    name: 'another Host for proxies',
    headers: ['x-forwarded-host: localhost'],
    host: ['evil.example'],
    isForeign: true,
  },
  ...FOREIGN_ORIGINS.map((origin) => ({
    name: `the Origin ${origin}`,
    headers: [`origin: ${origin}`],
    isForeign: true,
  })),
  { name: 'two Origins', headers: ['origin: http://localhost', 'origin: http://evil.example'], isForeign: true },
  { name: 'an Origin behind 250 headers', headers: manyHeaders('origin: http://evil.example'), isForeign: true },
  { name: 'cross-site', headers: ['sec-fetch-site: cross-site'], isForeign: true },
  {
    name: 'cross-site, navigating',
    headers: ['sec-fetch-site: cross-site', 'sec-fetch-mode: navigate'],
    isForeign: true,
  },
  ...SIMPLE_TYPES.map((contentType) => ({ name: `the type "${contentType}"`, contentType, isForeign: false })),
  ...Object.entries(OTHER_SPELLINGS).map(([name, target]) => ({ name, target, isForeign: false })),
  { name: 'another method in a header', headers: ['x-http-method-override: DELETE'], isForeign: false },
  { name: 'a cookie', headers: ['cookie: token=test-token; authorization=Bearer test-token'], isForeign: false },
  { name: 'a token in another scheme', headers: ['authorization: Basic dGVzdC10b2tlbg=='], isForeign: false },
  { name: 'an empty token', headers: ['authorization: Bearer '], isForeign: false },
]

/** One request: a trick, or several at once, at a route. */
export interface Attempt {
  tricks: readonly WebTrick[]
  route: ReturnType<typeof allRoutes>[number]
  /** The token that is sent along. */
  token: string | undefined
}

/** What was carried out though it must not be, and what was not answered. */
export interface Breach {
  attempt: string
  status: number
}

function manyHeaders(last: string): string[] {
  return [...Array.from({ length: 250 }, (_, index) => `x-${index}: a`), last]
}

// What one listener has in its queue at once, and not more.
const AT_ONCE = 64

/** Makes attempts at a listener that other machines cannot reach; resolves with those that broke the promise. */
export async function attemptAll(to: string, all: readonly Attempt[], signal?: AbortSignal): Promise<Breach[]> {
  const reach = to.startsWith('/') ? 'user' : 'machine'
  const breaches: Breach[] = []
  const left = all.values()
  const lane = async () => {
    for (const made of left) {
      signal?.throwIfAborted()
      const breach = await attempt(to, made, reach)
      if (breach !== undefined) breaches.push(breach)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, lane))
  return breaches
}

async function attempt(to: string, made: Attempt, reach: 'machine' | 'user'): Promise<Breach | undefined> {
  const status = await firstStatus(to, toRequest(made))
  const isCarriedOut = status >= 200 && status < 400
  // Some is refused by Node itself, which closes the connection: an answer it has all the same.
  const isAnswered = status > 0 && status !== 500
  if (isAnswered && (!isCarriedOut || mayBeCarriedOut(made, reach))) return undefined
  const { tricks, route, token } = made
  const names = tricks.map(({ name }) => name).join(' and ')
  return {
    attempt: `${route.methods} ${route.label} with ${names}${token === undefined ? '' : ' and the token'}`,
    status,
  }
}

function mayBeCarriedOut({ tricks, route, token }: Attempt, reach: 'machine' | 'user'): boolean {
  if (route.access === 'health') return true
  if (tricks.some(({ isForeign }) => isForeign)) return false
  return route.access === 'open' || token !== undefined || reach === 'user'
}

function toRequest({ tricks, route, token }: Attempt): string {
  const [method = ''] = route.methods.split(', ')
  const path = route.label.replace('{name}', 'a')
  const target = tricks.reduce((written, { target: write }) => write?.(written) ?? written, path)
  const host = tricks.findLast((trick) => trick.host !== undefined)?.host ?? ['localhost']
  const type = tricks.findLast((trick) => trick.contentType !== undefined)?.contentType ?? 'application/json'
  const lines = [
    `${method} ${target} HTTP/1.1`,
    ...host.map((name) => `host: ${name}`),
    ...tricks.flatMap(({ headers = [] }) => headers),
    ...(token === undefined ? [] : [`authorization: Bearer ${token}`]),
    'connection: close',
    ...(method === 'POST' ? [`content-type: ${type}`, 'content-length: 2', '', '{}'] : ['', '']),
  ]
  return lines.join('\r\n')
}
