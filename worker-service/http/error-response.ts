import { toErrorBody } from '../../shared/contracts/error-body.ts'
import type { ValidationBody } from '../../shared/contracts/validation-issue.ts'
import type { ErrorCode } from '../../shared/errors/error-code.ts'
import type { ServiceError } from '../../shared/errors/service-error.ts'

/** The HTTP status of every error code. */
export const HTTP_STATUS_BY_CODE: Record<ErrorCode, number> = {
  invalid_request: 422,
  unauthenticated: 401,
  forbidden: 403,
  unknown_server: 404,
  unknown_tool: 404,
  too_large: 413,
  tool_withheld: 409,
  server_unavailable: 503,
  overloaded: 503,
  shutting_down: 503,
  selector_failed: 502,
  selector_timeout: 504,
  connection_closed: 502,
  timeout: 504,
  cancelled: 499,
  // Ends the start, so that no request ever meets it.
  invalid_configuration: 500,
  internal: 500,
}

/** A refusal that HTTP has its own status for (404, 405, 408, 415, 431) and the closed list has not. */
export class HttpRefusal extends Error {
  override readonly name = 'HttpRefusal'
  readonly status: number
  readonly error: ServiceError
  readonly headers: Record<string, string>

  constructor(status: number, error: ServiceError, headers: Record<string, string> = {}) {
    super(error.message)
    this.status = status
    this.error = error
    this.headers = headers
  }
}

/** Headers of every JSON answer: never cached, never sniffed. */
export const JSON_HEADERS = {
  'content-type': 'application/json',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
} as const

/** A JSON answer. */
export function jsonResponse(body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(JSON.stringify(body), { status, headers: { ...JSON_HEADERS, ...headers } })
}

// What passes by itself. A server that is not to be had may be so until somebody does something about it.
const PASSING: readonly ErrorCode[] = ['overloaded', 'shutting_down']

/** `Retry-After` in whole seconds for errors that say when to come back, and for those that pass. */
export function retryAfterHeader(error: ServiceError): Record<string, string> {
  const retryAfterMs = error.retryAfterMs ?? (PASSING.includes(error.code) ? 1_000 : undefined)
  return retryAfterMs === undefined ? {} : { 'retry-after': String(Math.max(1, Math.ceil(retryAfterMs / 1_000))) }
}

/** An error as an HTTP response. */
export function toErrorResponse(error: ServiceError, status = HTTP_STATUS_BY_CODE[error.code], headers = {}): Response {
  const challenge = error.code === 'unauthenticated' ? { 'www-authenticate': 'Bearer realm="pilotlight"' } : {}
  return jsonResponse(toErrorBody(error), status, { ...challenge, ...retryAfterHeader(error), ...headers })
}

/** A 422 answer in FastAPI's shape. */
export function toValidationResponse(body: ValidationBody): Response {
  return jsonResponse(body, 422)
}
