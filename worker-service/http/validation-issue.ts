import type * as z from 'zod'
import type { ValidationIssue } from '../../shared/contracts/validation-issue.ts'

/** What zod says of a body, in FastAPI's shape. */
export function toValidationIssue({ code, path, message, input }: z.core.$ZodIssue): ValidationIssue {
  const isMissing = code === 'invalid_type' && input === undefined && path.length > 0
  const loc = ['body', ...path.map((step) => (typeof step === 'number' ? step : String(step)))]
  if (isMissing) return { type: 'missing', loc, msg: 'Field required', input: null }
  return { type: code, loc, msg: message, input: input ?? null }
}
