import { ServiceError } from '../../../../shared/errors/service-error.ts'
import { parseRetryAfter } from '../../../../shared/retry-after.ts'
import { contentCodingOf, type HttpExchange, headerOf, mediaTypeOf } from './http-exchange.ts'
import { MAX_RETRY_AFTER_MS } from './reconnect-delay.ts'
import type { EndpointReply } from './remote-endpoint.ts'

/** What asking for an event stream led to: it is open, it may open later, the server was not there, or it has none for us. */
export type StreamOpening =
  | { kind: 'open'; exchange: HttpExchange }
  | { kind: 'later'; askedMs: number | undefined }
  | { kind: 'unreachable'; error: ServiceError }
  | { kind: 'never'; status: number }

const UNWANTED = new Error('The answer is no stream.')

/** Asks for an event stream. Rejects with the signal's reason alone. */
export async function openStream(
  ask: (signal: AbortSignal) => Promise<EndpointReply>,
  signal: AbortSignal,
): Promise<StreamOpening> {
  const reply = await ask(signal).catch((thrown: unknown) => ServiceError.from(thrown))
  signal.throwIfAborted()
  if (reply instanceof ServiceError) return { kind: 'unreachable', error: reply }
  const { exchange, head } = reply
  const { status, headers } = head
  const isReadable = mediaTypeOf(headers) === 'text/event-stream' && contentCodingOf(headers) === undefined
  if (status === 200 && isReadable) return { kind: 'open', exchange }
  exchange.abort(UNWANTED)
  if (status === 429 || (status >= 500 && status !== 501)) {
    return { kind: 'later', askedMs: parseRetryAfter(headerOf(headers, 'retry-after'), MAX_RETRY_AFTER_MS) }
  }
  return { kind: 'never', status }
}
