import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import type { Status } from '../../shared/contracts/server-status.ts'
import { OwnWorker } from '../../test/support/own-worker.ts'
import { readEvents } from '../../test/support/read-events.ts'
import { startTestHttp } from '../../test/support/test-http.ts'

const COUNTING = join(import.meta.dirname, '../../test/fixtures/servers/counting.cjs')

const STATUS: Status = {
  service: {
    version: '1.2.3',
    pid: 7,
    uptime_s: 1,
    config_path: '/etc/mcp.json',
    config_problem: null,
    isolation: 'guardian',
    counts: { servers: 0, running: 0, clients: 0, in_flight: 0 },
  },
  servers: [],
}

function watch({ url, token }: { url: string; token: string }, query = '?stream=1'): Promise<Response> {
  return fetch(`${url}/status${query}`, { headers: { authorization: `Bearer ${token}` } })
}

async function* statuses(response: Response): AsyncGenerator<Status, void, void> {
  for await (const { event, data } of readEvents(response)) {
    expect(event).toBe('status')
    yield JSON.parse(data) as Status
  }
}

describe('GET /status?stream=1', () => {
  it('tells how the servers are, and how they are whenever that has changed', async () => {
    await using worker = await OwnWorker.start({ mcpServers: { one: { command: process.execPath, args: [COUNTING] } } })
    const told = statuses(await watch(worker))
    const first = (await told.next()).value
    expect(first?.servers).toMatchObject([{ name: 'one', state: 'ready' }])
    await fetch(`${worker.url}/servers/one/stop`, {
      method: 'POST',
      headers: { authorization: `Bearer ${worker.token}` },
    })
    for await (const { servers } of told) if (servers[0]?.state === 'cold') break
  })

  it('says nothing new where only time has passed', async () => {
    let reads = 0
    let inFlight = 0
    const status = () => {
      const { service } = STATUS
      reads++
      return { ...STATUS, service: { ...service, uptime_s: reads, counts: { ...service.counts, in_flight: inFlight } } }
    }
    const http = await startTestHttp({ servers: { status } })
    const told = statuses(await watch(http))
    expect((await told.next()).value?.service.counts.in_flight).toBe(0)
    await vi.waitFor(() => expect(reads).toBeGreaterThan(2))
    inFlight = 1
    expect((await told.next()).value?.service.counts.in_flight).toBe(1)
    await told.return()
    await http.close()
  })

  it('is over when its client has left', async () => {
    const http = await startTestHttp({ servers: { status: () => STATUS } })
    const told = statuses(await watch(http))
    await told.next()
    expect(http.finished).toEqual([])
    await told.return()
    await vi.waitFor(() => expect(http.finished).toMatchObject([{ route: '/status', status: 200, followed: true }]))
    await http.close()
  })

  it('ends when the worker does, and begins no more', async () => {
    const http = await startTestHttp({ servers: { status: () => STATUS } })
    const told = statuses(await watch(http))
    await told.next()
    const closed = http.close()
    expect(await told.next()).toEqual({ done: true, value: undefined })
    await closed
  })

  it('is had by so many at once, and the next is told to come back', async () => {
    const http = await startTestHttp({ servers: { status: () => STATUS } })
    const watching = await Promise.all(Array.from({ length: 128 }, () => watch(http)))
    const refused = await watch(http)
    expect([refused.status, await refused.json()]).toMatchObject([
      503,
      { code: 'overloaded', message: 'The worker is busy with 128 streams.' },
    ])
    expect((await watch(http, '')).status).toBe(200)
    await Promise.all(watching.map(async ({ body }) => body?.cancel()))
    await http.close()
  })

  it('has nothing to wait for where only its headers are asked for', async () => {
    const http = await startTestHttp({ servers: { status: () => STATUS } })
    const headers = { authorization: `Bearer ${http.token}`, accept: 'text/event-stream' }
    const response = await fetch(`${http.url}/status`, { method: 'HEAD', headers })
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json'])
    await http.close()
  })
})
