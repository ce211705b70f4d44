import type { Hono } from 'hono'
import type { AppEnv } from '../create-app.ts'

/** Something that prints its metrics in Prometheus' text format, as a registry of prom-client does. */
export interface MetricsSource {
  contentType: string
  metrics(): Promise<string>
}

/** `GET /metrics` in Prometheus' text format. */
export function metricsRoute(app: Hono<AppEnv>, source: MetricsSource): void {
  app.get('/metrics', async () => {
    const headers = { 'content-type': source.contentType, 'cache-control': 'no-store' }
    return new Response(await source.metrics(), { status: 200, headers })
  })
}
