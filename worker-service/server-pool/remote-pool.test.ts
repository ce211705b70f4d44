import type { ServerResponse } from 'node:http'
import { describe, expect, it } from 'vitest'
import { LivePool } from '../../test/support/live-pool.ts'
import { TestClient } from '../../test/support/pool-client.ts'
import { remoteServer } from '../../test/support/remote-server.ts'
import { type Answering, noStream, sendJson, serveScripted } from '../../test/support/scripted-server.ts'

const result = (id: unknown, value: unknown = {}) => ({ jsonrpc: '2.0', id, result: value })

/** A server whose tool calls end as a test wants; everything else is answered. */
function serveCalls(call: (response: ServerResponse) => unknown) {
  return serveScripted(({ id, method }, _, response) => {
    if (method === undefined) return noStream(response)
    return method === 'tools/call' ? call(response) : sendJson(response, result(id))
  })
}

describe('a call to a remote server', () => {
  it.each<[string, (response: ServerResponse) => unknown, { code: number; message?: string; data: object }]>([
    [
      'is not allowed',
      (response) => response.writeHead(403, { 'content-type': 'text/plain' }).end('not on Sundays'),
      {
        code: -32600,
        message: 'server "far": it does not allow this (403). It said: not on Sundays',
        data: { delivered: 'no', retryable: false },
      },
    ],
    [
      'comes too soon',
      (response) => response.writeHead(429, { 'retry-after': '7' }).end(),
      { code: -32011, data: { delivered: 'no', retryable: true, retryAfterMs: 7_000 } },
    ],
    [
      'meets an error of the server',
      (response) => response.writeHead(500, { 'content-type': 'text/plain' }).end('out of paper'),
      {
        code: -32010,
        message: 'server "far": it answered with HTTP status 500. It said: out of paper',
        data: { delivered: 'unknown', retryable: false },
      },
    ],
    [
      'loses its connection',
      (response) => response.destroy(),
      { code: -32000, data: { delivered: 'unknown', retryable: false } },
    ],
    [
      'is answered with too much',
      (response) => sendJson(response, result(2, 'x'.repeat(100_000))),
      { code: -32012, data: { delivered: 'yes', retryable: false } },
    ],
    [
      'is answered with a web page',
      (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<p>'),
      { code: -32010, data: { delivered: 'unknown', retryable: false } },
    ],
  ])('that %s ends at once with one error that says so', async (_, call, error) => {
    await using server = await serveCalls(call)
    await using live = await LivePool.of([remoteServer(server.url, { maxMessageBytes: 50_000 })])
    const client = new TestClient(live.pool, 'far')
    const data = { server: 'far', requestId: 1, ...error.data }
    expect(await client.call()).toMatchObject({ id: 1, error: { ...error, data } })
    expect(live.observer.finished).toMatchObject([{ method: 'tools/call', outcome: 'failed' }])
    expect(client.messages.filter(({ id }) => id === 1)).toHaveLength(1)
  })
})

describe('a remote server that forgets its session', () => {
  it('is told again what clients had set; each call is carried out once, and lost ones end with one error', async () => {
    const heard: string[] = []
    let current = 's1'
    let hanging: ServerResponse | undefined
    const answer: Answering = ({ id, method, params }, request, response) => {
      if (request.method === 'GET') return noStream(response)
      if (request.headers['mcp-session-id'] !== current) return response.writeHead(404).end()
      heard.push(`${current} ${String(method)} ${JSON.stringify(params)}`)
      if (id === undefined) return response.writeHead(202).end()
      if (JSON.stringify(params).includes('"hang"')) {
        hanging = response
        return undefined
      }
      return sendJson(response, result(id, { content: [] }))
    }
    const capabilities = { tools: {}, resources: { subscribe: true }, logging: {} }
    await using server = await serveScripted(answer, { session: () => current, capabilities })
    await using live = await LivePool.of([remoteServer(server.url)])
    const [one, other] = [new TestClient(live.pool, 'far'), new TestClient(live.pool, 'far')]
    await one.request('logging/setLevel', { level: 'debug' })
    await one.request('resources/subscribe', { uri: 'file:///a' })
    const lost = one.call('hang')
    await expect.poll(() => hanging).toBeDefined()
    heard.length = 0
    current = 's2'
    expect(await other.call('echo')).toMatchObject({ result: { content: [] } })
    hanging?.destroy()
    expect(await lost).toMatchObject({ error: { code: -32000, data: { delivered: 'unknown', retryable: false } } })
    expect(heard.filter((line) => !line.includes('cancelled')).toSorted()).toEqual([
      's2 logging/setLevel {"level":"debug"}',
      's2 resources/subscribe {"uri":"file:///a"}',
      's2 tools/call {"name":"echo","arguments":{}}',
    ])
    for (const client of [one, other]) {
      const news = client.messages.flatMap(({ method }) => method ?? [])
      expect(news).toEqual(['notifications/tools/list_changed', 'notifications/resources/list_changed'])
    }
    expect(live.observer.lines).toEqual(expect.arrayContaining(['far changed its tools', 'far changed its resources']))
  })
})
