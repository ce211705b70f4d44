import { fromErrorBody } from '../../shared/contracts/error-body.ts'
import { ServiceError } from '../../shared/errors/service-error.ts'
import { isJsonObject } from '../../shared/json-object.ts'
import { parseJson } from '../../shared/parse-json.ts'

/** The error that an answer of the worker stands for. */
export function toError(status: number, body: string): ServiceError {
  const value = parseJson(body)
  return fromErrorBody(value) ?? fromValidation(value) ?? notAWorker(status)
}

// FastAPI's shape: which part of the request is wrong, and why.
function fromValidation(value: unknown): ServiceError | undefined {
  if (!isJsonObject(value) || !Array.isArray(value.detail)) return undefined
  const issues = value.detail.filter(isJsonObject).map(({ loc, msg }) => `${placeOf(loc)}${String(msg)}`)
  return new ServiceError('invalid_request', `${issues.join('; ')}.`)
}

function placeOf(loc: unknown): string {
  const place = Array.isArray(loc) ? loc.slice(1).join('.') : ''
  return place === '' ? '' : `${place}: `
}

function notAWorker(status: number): ServiceError {
  return new ServiceError(
    'connection_closed',
    `What answers in the place of the worker is none (HTTP status ${status}).`,
  )
}
