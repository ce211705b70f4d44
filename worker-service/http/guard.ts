import type { IncomingMessage } from 'node:http'
import type { WorkerAuth } from '../../shared/environment.ts'
import { ServiceError } from '../../shared/errors/service-error.ts'
import { LOOPBACK_NAMES } from '../../shared/private-way.ts'
import { createTokenCheck } from '../control/bearer-token.ts'
import { HttpRefusal } from './error-response.ts'
import type { Access } from './routes.ts'

/** Who can reach a listener at all: other machines, every user of this one, or nobody but the worker's own user. */
export type Reach = 'network' | 'machine' | 'user'

/** What the guard needs to know. */
export interface GuardPolicy {
  reach: Reach
  auth: WorkerAuth
  token: string
  /** Host names, without port, besides the loopback ones. */
  allowedHosts: readonly string[]
}

/** Refuses a request that may not be here, before routing and before a byte of its body is read. Throws ServiceError or HttpRefusal. */
export type Guard = (request: IncomingMessage, asked: { path: string; access: Access }) => void

// Node stops collecting at `maxHeadersCount`; what it dropped could be the Origin, so the limit is ours and refuses.
const MAX_HEADERS = 200

/** Makes the guard of one listener: headers, Host, Origin, token, in this order. */
export function createGuard(policy: GuardPolicy): Guard {
  const hosts = new Set([...LOOPBACK_NAMES, ...policy.allowedHosts.map((host) => host.toLowerCase())])
  const checkToken = createTokenCheck(policy.token)
  return (request, { path, access }) => {
    const headers = readGuardedHeaders(request.rawHeaders)
    if (access === 'health') return
    checkHost(headers.host, hosts)
    checkOrigin(headers)
    if (needsToken(access, policy)) checkToken(headers.authorization)
    if (access === 'control') checkPlainPath(request.url, path)
  }
}

interface GuardedHeaders {
  host: string
  origin: string | undefined
  fetchSite: string | undefined
  authorization: string | undefined
}

// From the raw headers: Node keeps the first of several Hosts and says nothing of the others.
function readGuardedHeaders(raw: readonly string[]): GuardedHeaders {
  if (raw.length > MAX_HEADERS * 2) throw new HttpRefusal(431, refusal(`More than ${MAX_HEADERS} headers.`))
  const hosts: string[] = []
  const found: GuardedHeaders = { host: '', origin: undefined, fetchSite: undefined, authorization: undefined }
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const value = raw[i + 1] ?? ''
    const name = raw[i]?.toLowerCase()
    if (name === 'host') hosts.push(value)
    // Two Origins joined match no allowed one.
    else if (name === 'origin') found.origin = found.origin === undefined ? value : `${found.origin}, ${value}`
    else if (name === 'sec-fetch-site') found.fetchSite = value
    else if (name === 'authorization') found.authorization = value
  }
  if (hosts.length !== 1) throw new HttpRefusal(400, refusal('Exactly one Host header is needed.'))
  found.host = hosts[0] ?? ''
  return found
}

// A page can point its own name at this machine (DNS rebinding); its requests then carry that name as Host.
function checkHost(host: string, allowed: ReadonlySet<string>): void {
  const name = /^(\[[0-9a-f:.]+\]|[^:@/\s]+)(:\d{1,5})?$/i.exec(host)?.[1]?.toLowerCase()
  if (name !== undefined && allowed.has(name)) return
  throw new ServiceError('forbidden', 'This Host is not allowed. Add its name to WORKER_ALLOWED_HOSTS to serve it.')
}

function checkOrigin({ host, origin, fetchSite }: GuardedHeaders): void {
  const foreign = origin !== undefined && origin.toLowerCase() !== `http://${host.toLowerCase()}`
  if (!foreign && fetchSite !== 'cross-site') return
  throw new ServiceError('forbidden', 'Requests from web pages of another origin are not allowed.')
}

// The one path by which control is known to whoever else looks at requests: no escapes, no dots.
function checkPlainPath(url: string | undefined, path: string): void {
  if (url?.split('?', 1)[0] === path) return
  throw new HttpRefusal(404, refusal('There is nothing at this path; write it without escapes and dots.'))
}

function needsToken(access: Access, { auth, reach }: GuardPolicy): boolean {
  // Who can reach it could read the token as well.
  if (reach === 'user') return false
  switch (access) {
    case 'health':
      return false
    case 'control':
      return true
    case 'open':
      return auth === 'token' || (auth === 'auto' && reach === 'network')
  }
}

function refusal(message: string): ServiceError {
  return new ServiceError('invalid_request', message)
}
