import { ServiceError } from '../../../shared/errors/service-error.ts'
import type { ApiSite } from './api-site.ts'

/** Where a request to an API failed: at its connection, at its deadline, or by what was answered. */
export type FailurePoint = 'connection' | 'deadline' | 'reply'

interface ApiFailureOptions {
  cause?: unknown
  retryAfterMs?: number
  /** Whether nothing of an answer was seen, so that the request may be sent once more. */
  repeatable?: boolean
}

/** An API that failed, and selecting with it: `selector_timeout` at the deadline, `selector_failed` otherwise. */
export class ApiFailure extends ServiceError {
  readonly point: FailurePoint
  readonly repeatable: boolean

  constructor(point: FailurePoint, message: string, { repeatable = false, ...options }: ApiFailureOptions = {}) {
    super(point === 'deadline' ? 'selector_timeout' : 'selector_failed', message, options)
    this.point = point
    this.repeatable = repeatable
  }
}

/** The failure of an API that was not there in time. */
export function deadlineFailure({ name }: Pick<ApiSite, 'name'>, timeoutMs: number, cause?: unknown): ApiFailure {
  return new ApiFailure('deadline', `${name} did not answer within ${timeoutMs} ms.`, { cause })
}

/** The failure of a reply that cannot be used; `problem` continues "Tool selector at http://… ". */
export function replyFailure(site: ApiSite, problem: string, options?: ApiFailureOptions): ApiFailure {
  return new ApiFailure('reply', `${site.name} at ${site.url} ${problem}`, options)
}

/** How far an exchange had come when it failed. */
interface ExchangeProgress {
  site: ApiSite
  timeoutMs: number
  /** Whether a first byte of the answer had arrived. */
  answered: boolean
}

const TIMED_OUT = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'UND_ERR_CONNECT_TIMEOUT'])
const CLOSED_BY_US = new Set(['UND_ERR_DESTROYED', 'UND_ERR_CLOSED'])
const CLOSED_BY_SELECTOR = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET', 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH'])
const UNKNOWN_HOST = new Set(['ENOTFOUND', 'EAI_AGAIN'])

/** What undici or the system reported, as the error a caller sees. */
export function toExchangeError(cause: Error, { site, timeoutMs, answered }: ExchangeProgress): ServiceError {
  if (ServiceError.is(cause)) return cause
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.name
  if (TIMED_OUT.has(code)) return deadlineFailure(site, timeoutMs, cause)
  if (CLOSED_BY_US.has(code)) return shuttingDown(cause)
  if (cause.name === 'HTTPParserError') {
    return replyFailure(site, `answered with something other than HTTP; is ${site.variables.url} right?`, { cause })
  }
  if (code === 'UND_ERR_HEADERS_OVERFLOW') return replyFailure(site, 'answered with headers that are too large.')
  const repeatable = !answered && (code === 'ECONNREFUSED' || CLOSED_BY_SELECTOR.has(code))
  const message = `${site.name} at ${site.url} ${describeConnection(code, answered, site)}`
  return new ApiFailure('connection', message, { cause, repeatable })
}

/** The end of every call still under way when its client is disposed. */
export function shuttingDown(cause?: unknown): ServiceError {
  return new ServiceError('shutting_down', 'The service is shutting down.', { cause })
}

function describeConnection(code: string, answered: boolean, { variables }: ApiSite): string {
  if (code === 'ECONNREFUSED') return 'refused the connection; is it running?'
  if (UNKNOWN_HOST.has(code)) return `has an unknown host; is ${variables.url} right?`
  if (!CLOSED_BY_SELECTOR.has(code)) return `could not be reached (${code}).`
  return answered ? 'closed the connection in the middle of its answer.' : 'closed the connection without an answer.'
}
