import { ServiceError } from '../../shared/errors/service-error.ts'
import type { ServerLoss } from '../routing/json-rpc-error.ts'

/** What the calls of a server end with for this error. */
export function toServerLoss({ code, message, retryAfterMs }: ServiceError): ServerLoss {
  return { code, message, ...(retryAfterMs !== undefined && { retryAfterMs }) }
}

/** The error of a caller who has no call to end. */
export function fromServerLoss({ code, message, ...rest }: ServerLoss): ServiceError {
  return new ServiceError(code, message, rest)
}
