import type { Hono } from 'hono'
import type { Admission } from '../../control/admission.ts'
import { createStatusSampler } from '../../control/watch-status.ts'
import type { WorkerControl } from '../../control/worker-control.ts'
import type { AppEnv } from '../create-app.ts'
import { jsonResponse } from '../error-response.ts'
import { readNoBody } from '../read-json-body.ts'
import { wantsEvents } from '../read-query.ts'
import { streamStatus } from '../stream-status.ts'

/**
 * `GET /status`: the service and every configured server, once or, as server-sent events, whenever that changes. `POST /shutdown`: finishes
 * what is in flight and ends.
 */
export function serviceRoutes(
  app: Hono<AppEnv>,
  { servers, shutDown }: Pick<WorkerControl, 'servers' | 'shutDown'>,
  streams: Admission,
): void {
  const sample = createStatusSampler(() => servers.status())
  app.get('/status', (c) => {
    if (wantsEvents(c, 'stream')) return streams.run(() => streamStatus(sample, c.env.outgoing, streams.drained))
    return jsonResponse(servers.status())
  })
  app.post('/shutdown', async (c) => {
    await readNoBody(c.env.incoming)
    shutDown()
    return jsonResponse({ status: 'draining' }, 202)
  })
}
