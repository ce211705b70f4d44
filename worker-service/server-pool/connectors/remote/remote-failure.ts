import type { ErrorCode } from '../../../../shared/errors/error-code.ts'
import type { Delivery } from '../../../../shared/errors/json-rpc-error.ts'
import { ServiceError } from '../../../../shared/errors/service-error.ts'
import { isJsonObject } from '../../../../shared/json-object.ts'
import { parseJson } from '../../../../shared/parse-json.ts'
import { parseRetryAfter } from '../../../../shared/retry-after.ts'
import { LastWords } from '../last-words.ts'
import { headerOf, mediaTypeOf, type ReplyHead } from './http-exchange.ts'
import { MAX_RETRY_AFTER_MS } from './reconnect-delay.ts'
import type { RemoteSite } from './remote-site.ts'

const MAX_QUOTED_BYTES = 4_096

interface RemoteErrorOptions extends NonNullable<ConstructorParameters<typeof ServiceError>[2]> {
  delivered?: Delivery
}

/** Why a message to a remote server came to nothing. `delivered` is whether the server took it on, `unknown` unless said otherwise. */
export class RemoteError extends ServiceError {
  readonly delivered: Delivery

  constructor(code: ErrorCode, message: string, { delivered = 'unknown', ...options }: RemoteErrorOptions = {}) {
    super(code, message, options)
    this.delivered = delivered
  }
}

/** The server was not there at all: nothing was sent. */
export class UnreachableError extends RemoteError {}

/** An error about a remote server, `server_unavailable` unless said otherwise; `problem` continues "server "x": ". */
export function remoteError(
  site: RemoteSite,
  problem: string,
  { code = 'server_unavailable', ...options }: RemoteErrorOptions & { code?: ErrorCode } = {},
): RemoteError {
  return new RemoteError(code, `server "${site.name}": ${problem}`, options)
}

/** The error for a connection that was stopped by us. */
export function stoppedError(site: RemoteSite): ServiceError {
  return remoteError(site, 'it was stopped.', { code: 'connection_closed' })
}

/** What undici, TLS or the system reported, as the error a caller sees. `sent` is whether the request had left. */
export function toRemoteError(cause: unknown, site: RemoteSite, sent: boolean): ServiceError {
  if (cause instanceof ServiceError) return cause
  const code = cause instanceof Error ? codeOf(cause) : ''
  const message = `server "${site.name}": ${describe(code, site, sent)}`
  if (!sent) return new UnreachableError('server_unavailable', message, { cause, delivered: 'no' })
  const isLate = code.startsWith('UND_ERR_HEADERS')
  return new RemoteError(isLate ? 'server_unavailable' : 'connection_closed', message, { cause })
}

function describe(code: string, { shownUrl, origin }: RemoteSite, sent: boolean): string {
  const known = PROBLEM_BY_CODE[code]
  if (known !== undefined) return `${shownUrl} ${known}`
  if (CERTIFICATE.test(code)) return `the certificate of ${origin} is not trusted (${code}). ${CERTIFICATE_REMEDY}`
  if (TLS.test(code)) return `${origin} does not speak TLS as it should (${code}). Is it http:// instead?`
  if (sent) return `${shownUrl} closed the connection before it had answered.`
  return `${shownUrl} could not be reached (${code || 'unknown reason'}).`
}

const CERTIFICATE = /CERT|SIGNATURE|SELF_SIGNED/
const TLS = /^ERR_SSL|^ERR_TLS|^EPROTO$/
const CERTIFICATE_REMEDY = 'If it is your own, name its authority in NODE_EXTRA_CA_CERTS.'
const PROBLEM_BY_CODE: Record<string, string> = {
  ECONNREFUSED: 'refused the connection. Is it running, and is its "url" right?',
  ENOTFOUND: 'has an unknown host. Check its "url".',
  EAI_AGAIN: 'has a host that could not be looked up just now. Is the network up?',
  ENETUNREACH: 'cannot be reached. Is the network up?',
  EHOSTUNREACH: 'cannot be reached. Is the network up?',
  ETIMEDOUT: 'did not take the connection in time.',
  UND_ERR_CONNECT_TIMEOUT: 'did not take the connection in time.',
  UND_ERR_HEADERS_TIMEOUT: 'did not answer in time.',
  UND_ERR_BODY_TIMEOUT: 'stopped in the middle of its answer.',
  UND_ERR_HEADERS_OVERFLOW: 'answered with headers that are too large.',
  CERT_HAS_EXPIRED: 'has a certificate that has expired.',
  ERR_TLS_CERT_ALTNAME_INVALID: 'has a certificate that is for another host. Check its "url".',
}

function codeOf(error: Error): string {
  // A host with several addresses: the first one tells as much as all.
  const first = error instanceof AggregateError && error.errors[0] instanceof Error ? error.errors[0] : error
  if ('code' in first && typeof first.code === 'string') return first.code
  return first.cause instanceof Error ? codeOf(first.cause) : first.name
}

/** The error for an answer that refuses a message. `body` is what came with it, at most a few KB. */
export function refusalError(site: RemoteSite, head: ReplyHead, body: Buffer): RemoteError {
  const { status, headers } = head
  const retryAfterMs = parseRetryAfter(headerOf(headers, 'retry-after'), MAX_RETRY_AFTER_MS)
  const wait = retryAfterMs === undefined ? {} : { retryAfterMs }
  const target = redirectTarget(site, head)
  if (target !== undefined) return redirectError(site, target)
  const said = mediaTypeOf(headers) === 'text/html' ? '' : quote(body, site.secrets)
  if (status === 401) return unauthenticated(site)
  if (status === 403) return forbidden(site, headerOf(headers, 'www-authenticate') ?? '', said)
  if (status === 413) return refused(site, `the message is too large for it (413).${said}`, { code: 'too_large' })
  if (status === 429)
    return refused(site, `it asks to be called less often (429).${said}`, { code: 'overloaded', ...wait })
  if (status === 400 || status === 404 || status === 405) {
    const remedy = 'Check its "url"; an older server may need "type": "sse".'
    return refused(site, `${site.shownUrl} does not take messages (${status}).${said} ${remedy}`)
  }
  const problem = `it answered with HTTP status ${status}.${said}`
  return status < 500 ? refused(site, problem, wait) : remoteError(site, problem, wait)
}

// Who does not let a message in has not carried it out.
function refused(site: RemoteSite, problem: string, options: Parameters<typeof remoteError>[2] = {}): RemoteError {
  return remoteError(site, problem, { ...options, delivered: 'no' })
}

function forbidden(site: RemoteSite, challenge: string, said: string): RemoteError {
  const wantsMore = /insufficient_scope/i.test(challenge) && !site.hasAuthorization
  const remedy = wantsMore ? ` Run "pilot auth login ${site.name}" to allow it more.` : ''
  return refused(site, `it does not allow this (403).${said}${remedy}`, { code: 'forbidden' })
}

/** The error for a server that wants a login we do not have. */
function unauthenticated(site: RemoteSite): RemoteError {
  const remedy = site.hasAuthorization
    ? 'Check the login in its "headers" or "url".'
    : `Run "pilot auth login ${site.name}".`
  return refused(site, `it wants a login (401). ${remedy}`, { code: 'unauthenticated' })
}

/** The error for an answer that is neither a message nor a stream of them. */
export function notMcpError(site: RemoteSite, mediaType: string): ServiceError {
  const what =
    mediaType === 'text/html' ? 'a web page' : mediaType === '' ? 'something without a type' : JSON.stringify(mediaType)
  return remoteError(site, `${site.shownUrl} answered with ${what} where a message was expected. Check its "url".`)
}

/** The error for an answer that is compressed, though only what is not was asked for. */
export function encodedError(site: RemoteSite, coding: string): ServiceError {
  return remoteError(site, `${site.shownUrl} answered in ${JSON.stringify(coding)}, which was not asked for.`)
}

/** The error for an answer that is to no request of ours, or to another one; what the server says of a request it could not read is quoted. */
export function otherAnswerError(site: RemoteSite, body: Buffer): ServiceError {
  const message = body.length > MAX_QUOTED_BYTES ? undefined : parseJson(body.toString())
  // Any other may be for somebody else.
  const isToNobody = isJsonObject(message) && message.id === null
  return remoteError(site, `it answered, but not to this request.${isToNobody ? quote(body, site.secrets) : ''}`)
}

/** Where an answer redirects to, if that is what it does; `path` is where the request went. */
export function redirectTarget(site: RemoteSite, { status, headers }: ReplyHead, path = site.path): URL | undefined {
  const location = headerOf(headers, 'location')
  if (status < 301 || status > 308 || location === undefined) return undefined
  return URL.parse(location, site.origin + path) ?? undefined
}

/** The error for a redirect that is not followed: to another origin, in a circle, or one that makes a GET of a message. */
export function redirectError(site: RemoteSite, target: URL): RemoteError {
  const shown = target.origin + target.pathname
  return refused(site, `it redirects to ${shown}, which is not followed. Change its "url" if that is where it lives.`)
}

/** The error for a message over the limit, in either direction. */
export function tooLargeError(site: RemoteSite, problem: string, delivered: Delivery): RemoteError {
  return remoteError(site, `${problem} Raise its "maxMessageBytes".`, { code: 'too_large', delivered })
}

function quote(body: Buffer, secrets: readonly string[]): string {
  const words = new LastWords(secrets)
  words.push(body)
  const [first] = words.lines()
  return first === undefined ? '' : ` It said: ${first}`
}
