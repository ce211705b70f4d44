import type { Hono } from 'hono'
import type { WorkerControl } from '../../control/worker-control.ts'
import { clientSignal } from '../client-signal.ts'
import type { AppEnv } from '../create-app.ts'
import { JSON_HEADERS } from '../error-response.ts'

/** `GET /health`, which depends on nothing, and `GET /ready`, which asks every dependency. */
export function healthRoutes(app: Hono<AppEnv>, service: WorkerControl): void {
  app.get('/health', () => new Response(JSON.stringify(service.health()), { status: 200, headers: JSON_HEADERS }))
  app.get('/ready', async (c) => {
    const readiness = await service.readiness(clientSignal(c.env.outgoing))
    const status = readiness.status === 'ready' ? 200 : 503
    return new Response(JSON.stringify(readiness), { status, headers: JSON_HEADERS })
  })
}
