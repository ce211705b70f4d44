import type { Hono } from 'hono'
import type { AppEnv } from '../create-app.ts'
import { JSON_HEADERS } from '../error-response.ts'
import type { HttpService } from '../http-service.ts'
import { readNoBody } from '../read-json-body.ts'

/** `GET /status`: the service and every configured server. `POST /shutdown`: finishes what is in flight and ends. */
export function serviceRoutes(
  app: Hono<AppEnv>,
  { servers, shutDown }: Pick<HttpService, 'servers' | 'shutDown'>,
): void {
  app.get('/status', () => new Response(JSON.stringify(servers.status()), { status: 200, headers: JSON_HEADERS }))
  app.post('/shutdown', async (c) => {
    await readNoBody(c.env.incoming)
    shutDown()
    return new Response(JSON.stringify({ status: 'draining' }), { status: 202, headers: JSON_HEADERS })
  })
}
