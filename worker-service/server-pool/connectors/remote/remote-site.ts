import { ServiceError } from '../../../../shared/errors/service-error.ts'
import type { RemoteServerDefinition } from '../../server-definition.ts'

/** Where a remote server is and what it is told of us. */
export interface RemoteSite {
  /** The server's name, for messages. */
  name: string
  /** `https://host:port`, as undici names a destination. */
  origin: string
  /** Path and query below the origin. */
  path: string
  /** Origin and path: safe to show, without credentials or query. */
  shownUrl: string
  /** The definition's own headers, names and values in turn. */
  headers: readonly string[]
  /** Whether they log us in, so that nothing else does. */
  hasAuthorization: boolean
  /** What must never be quoted. */
  secrets: readonly string[]
}

/** The complete form of a definition's URL and headers. Throws `invalid_configuration` that names the server and the remedy. */
export function resolveRemoteSite({ name, url, headers }: RemoteServerDefinition): RemoteSite {
  const parsed = URL.parse(url)
  if (parsed === null || !['http:', 'https:'].includes(parsed.protocol)) {
    throw invalid(name, 'its "url" is not an http:// or https:// URL.')
  }
  const own = ownHeaders(name, headers)
  const login = basicLogin(parsed)
  if (login !== undefined && !own.has('authorization')) own.set('authorization', login)
  const { origin, pathname, search, searchParams } = parsed
  return {
    name,
    origin,
    path: pathname + search,
    shownUrl: origin + pathname,
    headers: [...own].flat(),
    hasAuthorization: own.has('authorization'),
    secrets: [...own.values(), ...searchParams.values()].flatMap((value) => [value, ...value.split(' ')]),
  }
}

// What the protocol says in each request; whatever a configuration sets them to, ours hold.
const OURS = new Set([
  'accept',
  'accept-encoding',
  'connection',
  'content-length',
  'content-type',
  'expect',
  'keep-alive',
  'last-event-id',
  'mcp-protocol-version',
  'mcp-session-id',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])
const HEADER_NAME = /^[\w!#$%&'*+.^`|~-]+$/
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/

/** Header names are the same in any case, so they are compared in lower case, and one that stands there twice is a mistake. */
function ownHeaders(server: string, headers: Record<string, string>): Map<string, string> {
  const own = new Map<string, string>()
  for (const [name, value] of Object.entries(headers)) {
    const key = name.toLowerCase()
    if (!HEADER_NAME.test(name)) throw invalid(server, `${JSON.stringify(name)} in its "headers" is no header name.`)
    if (!HEADER_VALUE.test(value)) {
      throw invalid(
        server,
        `the value of ${JSON.stringify(name)} in its "headers" holds a character that cannot be sent.`,
      )
    }
    if (own.has(key)) throw invalid(server, `${JSON.stringify(key)} stands twice in its "headers". Remove one.`)
    if (!OURS.has(key)) own.set(key, value.trim())
  }
  return own
}

function basicLogin({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined
  const login = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return `Basic ${Buffer.from(login).toString('base64')}`
}

function invalid(server: string, problem: string): ServiceError {
  return new ServiceError('invalid_configuration', `server "${server}": ${problem}`)
}
