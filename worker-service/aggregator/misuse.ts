import type { ErrorCode } from '../../shared/errors/error-code.ts'
import { ServiceError } from '../../shared/errors/service-error.ts'

const MISTAKES: ReadonlySet<ErrorCode> = new Set(['invalid_request', 'unknown_server', 'unknown_tool'])

/**
 * What is wrong with a call of a tool of ours, as its result (JSON text): a model reads results, and can mend its call by what they say,
 * where clients keep errors of the protocol from it. Throws again what is no mistake of the caller.
 */
export function misuseResult(thrown: unknown): string {
  const { code, message: text } = ServiceError.from(thrown)
  if (!MISTAKES.has(code)) throw thrown
  return JSON.stringify({ content: [{ type: 'text', text }], isError: true })
}
