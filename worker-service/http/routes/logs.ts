import type { ServerResponse } from 'node:http'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import type { Hono } from 'hono'
import type { Admission } from '../../control/admission.ts'
import { checkedLines } from '../../control/log-lines.ts'
import type { ServerControl } from '../../control/worker-control.ts'
import { clientSignal } from '../client-signal.ts'
import type { AppEnv } from '../create-app.ts'
import { EventStream } from '../event-stream.ts'
import { readCount, wantsEvents } from '../read-query.ts'
import { SERVER_MOUNTS } from '../routes.ts'
import { onServer } from './servers.ts'

type Logs = Pick<ServerControl, 'lastLines' | 'followLines'>

const TEXT_HEADERS = {
  'content-type': 'text/plain; charset=utf-8',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
} as const

/** `GET /servers/{name}/logs`: the server's last lines as text, or those and all that follow as server-sent events. */
export function logsRoute(app: Hono<AppEnv>, servers: Logs, streams: Admission): void {
  for (const mount of SERVER_MOUNTS) {
    onServer(app, { method: 'GET', path: `${mount}/:name/logs` }, async (c, server) => {
      const count = checkedLines(readCount(c, 'lines'))
      if (!wantsEvents(c, 'follow')) return toText(await servers.lastLines(server, count))
      return streams.run(() => {
        const signal = AbortSignal.any([clientSignal(c.env.outgoing), streams.drained])
        return streamLines(servers.followLines(server, count, signal), c.env.outgoing, signal)
      })
    })
  }
}

function toText(lines: readonly string[]): Response {
  return new Response(lines.map((line) => `${line}\n`).join(''), { status: 200, headers: TEXT_HEADERS })
}

async function streamLines(
  added: AsyncIterable<string[]>,
  outgoing: ServerResponse,
  signal: AbortSignal,
): Promise<Response> {
  const stream = new EventStream(outgoing)
  for await (const lines of added) {
    for (const line of lines) stream.send({ event: 'line', data: line })
    await stream.caughtUp(signal)
    if (signal.aborted) break
  }
  stream.end()
  return RESPONSE_ALREADY_SENT
}
