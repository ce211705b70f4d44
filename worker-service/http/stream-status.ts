import type { ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import type { Status } from '../../shared/contracts/server-status.ts'
import { clientSignal } from './client-signal.ts'
import { EventStream } from './event-stream.ts'

const SAMPLE_EVERY_MS = 250

/** Looks at the status at most four times a second, however many ask. */
export function createStatusSampler(read: () => Status, now = () => performance.now()): () => Status {
  let sample: { status: Status; at: number } | undefined
  return () => {
    if (sample === undefined || now() - sample.at >= SAMPLE_EVERY_MS) sample = { status: read(), at: now() }
    return sample.status
  }
}

/** Answers with the status as it is and whenever it has changed, as server-sent events, until the client leaves or `ended` aborts. */
export async function streamStatus(
  read: () => Status,
  outgoing: ServerResponse,
  ended: AbortSignal,
): Promise<Response> {
  const signal = AbortSignal.any([clientSignal(outgoing), ended])
  const stream = new EventStream(outgoing)
  let told = ''
  while (!signal.aborted) {
    const status = read()
    const news = newsOf(status)
    if (news !== told) stream.send({ event: 'status', data: JSON.stringify(status) })
    told = news
    await stream.caughtUp(signal)
    await sleep(SAMPLE_EVERY_MS, undefined, { signal, ref: false }).catch(() => {})
  }
  stream.end()
  return RESPONSE_ALREADY_SENT
}

// Time passes and memory wavers: that is no change.
function newsOf({ service, servers }: Status): string {
  return JSON.stringify([
    { ...service, uptime_s: 0 },
    servers.map((server) => ({ ...server, memory_mb: server.memory_mb === null ? null : 0 })),
  ])
}
