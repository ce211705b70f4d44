import type { ErrorCode } from './error-code.ts'

interface ServiceErrorOptions {
  /** What went wrong underneath; for logs, never for callers. */
  cause?: unknown
  /** When a repeat may succeed, in milliseconds from now. */
  retryAfterMs?: number
  /** Data for the caller, safe to show. */
  details?: unknown
}

/** The one error that crosses folders: a code of the closed list and a message that is safe to show to the caller. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError'
  readonly code: ErrorCode
  readonly retryAfterMs: number | undefined
  readonly details: unknown

  constructor(code: ErrorCode, message: string, options: ServiceErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.retryAfterMs = options.retryAfterMs
    this.details = options.details
  }

  /** Whether a value is a ServiceError. By its name: a program and a part that it loads lazily have a copy of this class each. */
  static is(value: unknown): value is ServiceError {
    return value instanceof Error && value.name === 'ServiceError'
  }

  /** Any thrown value as a ServiceError. What is not one already becomes `internal`, and its own text stays in `cause`. */
  static from(thrown: unknown): ServiceError {
    if (ServiceError.is(thrown)) return thrown
    if (isAbort(thrown)) return new ServiceError('cancelled', 'The request was cancelled.', { cause: thrown })
    return new ServiceError('internal', 'An unexpected error occurred.', { cause: thrown })
  }
}

function isAbort(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.name === 'AbortError'
}
