import { fromErrorBody } from '../../shared/contracts/error-body.ts'
import { isValidationBody, toInvalidRequest } from '../../shared/contracts/validation-issue.ts'
import { ServiceError } from '../../shared/errors/service-error.ts'
import { parseJson } from '../../shared/parse-json.ts'

/** The error that an answer of the worker stands for. */
export function toError(status: number, body: string): ServiceError {
  const value = parseJson(body)
  return fromErrorBody(value) ?? (isValidationBody(value) ? toInvalidRequest(value) : notAWorker(status))
}

function notAWorker(status: number): ServiceError {
  return new ServiceError(
    'connection_closed',
    `What answers in the place of the worker is none (HTTP status ${status}).`,
  )
}
