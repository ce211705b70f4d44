import { type ErrorCode, isErrorCode } from '../errors/error-code.ts'
import { ServiceError } from '../errors/service-error.ts'

/** What an error looks like to callers on every path. `retry_after_ms` is in milliseconds. */
export interface ErrorBody {
  status: 'error'
  message: string
  code: ErrorCode
  retry_after_ms?: number
  details: unknown
}

/** The body for an error: its code and the message that is safe to show, never a stack or a cause. */
export function toErrorBody(error: ServiceError): ErrorBody {
  return {
    status: 'error',
    message: error.message,
    code: error.code,
    ...(error.retryAfterMs === undefined ? {} : { retry_after_ms: error.retryAfterMs }),
    details: error.details ?? null,
  }
}

/** An error body read from another process as the error it was; undefined when the value is no error body. */
export function fromErrorBody(value: unknown): ServiceError | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { status, code, message, retry_after_ms, details } = value as Record<string, unknown>
  if (status !== 'error' || !isErrorCode(code) || typeof message !== 'string') return undefined
  return new ServiceError(code, message, {
    ...(typeof retry_after_ms === 'number' ? { retryAfterMs: retry_after_ms } : {}),
    ...(details == null ? {} : { details }),
  })
}
