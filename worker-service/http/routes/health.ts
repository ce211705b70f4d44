import type { Hono } from 'hono'
import type { WorkerControl } from '../../control/worker-control.ts'
import { clientSignal } from '../client-signal.ts'
import type { AppEnv } from '../create-app.ts'
import { jsonResponse } from '../error-response.ts'

/** `GET /health`, which depends on nothing, and `GET /ready`, which asks every dependency. */
export function healthRoutes(app: Hono<AppEnv>, service: WorkerControl): void {
  app.get('/health', () => jsonResponse(service.health()))
  app.get('/ready', async (c) => {
    const readiness = await service.readiness(clientSignal(c.env.outgoing))
    return jsonResponse(readiness, readiness.status === 'ready' ? 200 : 503)
  })
}
