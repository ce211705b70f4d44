import { ServiceError } from '../errors/service-error.ts'
import { isJsonObject } from '../json-object.ts'

/** One thing wrong with a request, in the shape FastAPI users know: where (`loc`), what (`type`, `msg`) and what was sent (`input`). */
export interface ValidationIssue {
  type: string
  loc: (string | number)[]
  msg: string
  input: unknown
  ctx?: Record<string, unknown>
}

/** An issue as a clause for people. */
export function describeIssue({ type, loc, msg, ctx }: ValidationIssue): string {
  const isNoJson = type === 'json_invalid'
  // Of a text that is no JSON the last part is where in it.
  const place = loc.slice(1, isNoJson ? -1 : undefined).join('.') || 'body'
  return `${place}: ${msg}${isNoJson ? ` at character ${loc.at(-1)}: ${String(ctx?.error)}` : ''}`
}

/** What is wrong with a body that is no object. */
export function notAnObject(input: unknown): ValidationIssue {
  const msg = 'Input should be a valid dictionary or object to extract fields from'
  return { type: 'model_attributes_type', loc: ['body'], msg, input }
}

/** The body of a 422 answer. */
export interface ValidationBody {
  detail: ValidationIssue[]
}

/** A 422 answer as an error, which says where each part of the request is wrong. Its details are the body. */
export function toInvalidRequest({ detail }: ValidationBody): ServiceError {
  return new ServiceError('invalid_request', `${detail.map(describeIssue).join('; ')}.`, { details: { detail } })
}

/** Whether a value is the body of a 422 answer, as far as its issues can be told. */
export function isValidationBody(value: unknown): value is ValidationBody {
  return (
    isJsonObject(value) &&
    Array.isArray(value.detail) &&
    value.detail.every((issue) => isJsonObject(issue) && Array.isArray(issue.loc))
  )
}
