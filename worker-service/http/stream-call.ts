import type { ServerResponse } from 'node:http'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { toErrorBody } from '../../shared/contracts/error-body.ts'
import { ServiceError } from '../../shared/errors/service-error.ts'
import { isJsonObject } from '../../shared/json-object.ts'
import { EventStream } from './event-stream.ts'

/** What fails sooner is answered as any other call is, with a status of its own; what lasts longer shows that it was heard. */
const OPEN_AFTER_MS = 1_000

/** Makes a call, telling `progressed` the params of each progress notification. */
export type RunCall = (progressed: (params: unknown) => void) => Promise<Buffer>

interface CallStream {
  outgoing: ServerResponse
  /** Is told what nobody expected. */
  unexpected: (thrown: unknown) => void
}

/**
 * Answers a call with server-sent events: `progress` as it comes, as far as the client reads it, then `result` or `error`. Rejects with why
 * the call failed where nothing was sent yet.
 */
export async function streamCall(run: RunCall, { outgoing, unexpected }: CallStream): Promise<Response> {
  let opened: EventStream | undefined
  const stream = () => (opened ??= new EventStream(outgoing))
  const impatience = setTimeout(stream, OPEN_AFTER_MS).unref()
  try {
    const result = await run((params) => tellProgress(stream(), params))
    stream().send({ event: 'result', data: result })
  } catch (thrown) {
    if (opened === undefined) throw thrown
    const error = ServiceError.from(thrown)
    if (error.code === 'internal') unexpected(thrown)
    opened.send({ event: 'error', data: JSON.stringify(toErrorBody(error)) })
  } finally {
    clearTimeout(impatience)
  }
  stream().end()
  return RESPONSE_ALREADY_SENT
}

// The newest tells all; a client that is behind can do without the others.
function tellProgress(stream: EventStream, params: unknown): void {
  if (stream.isBehind || !isJsonObject(params)) return
  // The token is between the server and us.
  const { progressToken: _, ...progress } = params
  stream.send({ event: 'progress', data: JSON.stringify(progress) })
}
