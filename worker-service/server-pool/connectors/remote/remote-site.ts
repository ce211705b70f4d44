import { percentDecoded } from '../../../../shared/percent-decoded.ts'
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

/** The complete form of a definition's URL and headers. */
export function resolveRemoteSite({ name, url, headers }: RemoteServerDefinition): RemoteSite {
  const parsed = new URL(url)
  const own = ownHeaders(headers)
  const login = basicLogin(parsed)
  if (login !== undefined && !own.has('authorization')) own.set('authorization', login)
  const { origin, pathname, search, searchParams, password } = parsed
  const told = [...own.values(), ...searchParams.values()].flatMap((value) => [value, ...value.split(' ')])
  return {
    name,
    origin,
    path: pathname + search,
    shownUrl: origin + pathname,
    headers: [...own].flat(),
    hasAuthorization: own.has('authorization'),
    secrets: [...told, password, percentDecoded(password)],
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

/** By their names in lower case, as they are the same in any. */
function ownHeaders(headers: Record<string, string>): Map<string, string> {
  const named = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value.trim()] as const)
  return new Map(named.filter(([name]) => !OURS.has(name)))
}

function basicLogin({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined
  const login = `${percentDecoded(username)}:${percentDecoded(password)}`
  return `Basic ${Buffer.from(login).toString('base64')}`
}
