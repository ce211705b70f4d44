import { ServiceError } from '../../shared/errors/service-error.ts'

/**
 * What is wrong with a call of a tool of ours, as its result (JSON text): a model reads results, and can mend its call by what they say,
 * where clients keep errors of the protocol from it. Throws again what is no mistake of the caller.
 */
export function misuseResult(thrown: unknown): string {
  const { code, message: text } = ServiceError.from(thrown)
  if (code !== 'invalid_request' && code !== 'unknown_tool') throw thrown
  return JSON.stringify({ content: [{ type: 'text', text }], isError: true })
}
