import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { createEvents } from './events.ts'
import { createMetrics } from './metrics.ts'

describe('a finished request', () => {
  it('is counted, and timed unless it lasted as long as its reader liked', async () => {
    const metrics = createMetrics()
    const events = createEvents(pino({ level: 'silent' }), metrics)
    const request = { requestId: '1', method: 'GET', path: '/status', route: '/status', status: 200, durationMs: 3_000 }
    events.requestFinished({ ...request, followed: false })
    events.requestFinished({ ...request, durationMs: 3_600_000, followed: true })
    const lines = (await metrics.registry.metrics()).split('\n')
    expect(lines).toContain('pilotlight_http_requests_total{route="/status",status="200"} 2')
    expect(lines).toContain('pilotlight_http_request_duration_seconds_sum 3')
  })
})
