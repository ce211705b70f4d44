import type { Failure } from './json-rpc-error.ts'
import { ServiceError } from './service-error.ts'

/** What calls end with for this error. */
export function toFailure({ code, message, retryAfterMs }: ServiceError): Failure {
  return { code, message, ...(retryAfterMs !== undefined && { retryAfterMs }) }
}

/** The error of a caller who has no call to end. */
export function fromFailure({ code, message, ...rest }: Failure): ServiceError {
  return new ServiceError(code, message, rest)
}
