import type { ServerResponse } from 'node:http'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import type { Status } from '../../shared/contracts/server-status.ts'
import { watchStatus } from '../control/watch-status.ts'
import { clientSignal } from './client-signal.ts'
import { EventStream } from './event-stream.ts'

/** Answers with the status as it is and whenever it has changed, as server-sent events, until the client leaves or `ended` aborts. */
export async function streamStatus(
  read: () => Status,
  outgoing: ServerResponse,
  ended: AbortSignal,
): Promise<Response> {
  const signal = AbortSignal.any([clientSignal(outgoing), ended])
  const stream = new EventStream(outgoing)
  for await (const status of watchStatus(read, signal)) {
    stream.send({ event: 'status', data: JSON.stringify(status) })
    await stream.caughtUp(signal)
  }
  stream.end()
  return RESPONSE_ALREADY_SENT
}
