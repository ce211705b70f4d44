import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { ServiceError } from '../../shared/errors/service-error.ts'
import { OwnWorker } from '../../test/support/own-worker.ts'
import { type ReadEvent, readEvents } from '../../test/support/read-events.ts'
import { type RunningHttp, startTestHttp } from '../../test/support/test-http.ts'
import type { ServerControl } from '../control/worker-control.ts'

const PROGRESSES = join(import.meta.dirname, '../../test/fixtures/servers/progresses.cjs')

interface Sent {
  query?: string
  accept?: string
  body?: object
  signal?: AbortSignal
}

function execute({ url, token }: { url: string; token: string }, tool: string, sent: Sent = {}): Promise<Response> {
  const { query = '?stream=1', accept = '*/*', body = { tool }, signal = null } = sent
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', accept }
  return fetch(`${url}/servers/one/execute${query}`, { method: 'POST', headers, body: JSON.stringify(body), signal })
}

async function allEvents(response: Response): Promise<ReadEvent[]> {
  const events: ReadEvent[] = []
  for await (const event of readEvents(response)) events.push(event)
  return events
}

describe('a streamed call', () => {
  let worker: OwnWorker
  beforeAll(async () => {
    worker = await OwnWorker.start({ mcpServers: { one: { command: process.execPath, args: [PROGRESSES] } } })
  })
  afterAll(() => worker[Symbol.asyncDispose]())

  it.each([
    ['asked for in the query', { query: '?stream=1' }],
    ['asked for by what the client accepts', { query: '', accept: 'text/event-stream' }],
  ])("tells its progress and then the server's own result, %s", async (_, sent) => {
    const response = await execute(worker, 'count', sent)
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream'])
    const events = await allEvents(response)
    expect(events.slice(0, -1).map(({ event, data }) => [event, JSON.parse(data)])).toEqual(
      [1, 2, 3].map((step) => ['progress', { progress: step, total: 3, message: `step ${step}` }]),
    )
    expect(events.at(-1)).toEqual({ event: 'result', data: '{"content":[],"n":1.0}' })
  })

  it('is plain where no events are asked for', async () => {
    const response = await execute(worker, 'count', { query: '?stream=0', accept: 'text/event-stream' })
    expect([response.headers.get('content-type'), await response.text()]).toEqual([
      'application/json',
      '{"content":[],"n":1.0}',
    ])
  })

  it('ends with why it failed', async () => {
    const events = await allEvents(await execute(worker, 'refuse'))
    expect(events.map(({ event }) => event)).toEqual(['progress', 'error'])
    expect(JSON.parse(events.at(-1)?.data ?? '')).toMatchObject({
      status: 'error',
      message: expect.stringContaining('not today'),
    })
  })

  it('is cancelled when its client leaves', async () => {
    const cancelled = async () => JSON.parse((await worker.execute('one', { tool: 'cancelled' })).text) as never
    const client = new AbortController()
    const response = await execute(worker, 'wait', { signal: client.signal })
    const events = readEvents(response)
    expect((await events.next()).value).toMatchObject({ event: 'progress' })
    client.abort()
    await expect(events.next()).rejects.toThrow('abort')
    await vi.waitFor(async () => expect(await cancelled()).toMatchObject({ structuredContent: { cancelled: 1 } }))
  })

  it('that cannot begin is refused as any other', async () => {
    const unknown = await execute(worker, 'none')
    expect([unknown.status, await unknown.json()]).toMatchObject([404, { code: 'unknown_tool' }])
    const unreadable = await execute(worker, 'count', { body: {} })
    expect([unreadable.status, await unreadable.json()]).toMatchObject([422, { detail: [{ loc: ['body', 'tool'] }] }])
    const flag = await execute(worker, 'count', { query: '?stream=perhaps' })
    expect([flag.status, await flag.json()]).toMatchObject([
      422,
      { detail: [{ type: 'bool_parsing', loc: ['query', 'stream'], input: 'perhaps' }] },
    ])
  })
})

describe('a streamed call over a server of any kind', () => {
  const started: RunningHttp[] = []
  afterAll(() => Promise.all(started.map((http) => http.close())))

  async function executing(call: ServerControl['execute']): Promise<RunningHttp> {
    const http = await startTestHttp({ servers: { execute: call } })
    started.push(http)
    return http
  }

  it('shows that it was heard before there is news', async () => {
    const result = Promise.withResolvers<Buffer>()
    const http = await executing(() => result.promise)
    const response = await execute(http, 'slow')
    result.resolve(Buffer.from('{}'))
    expect(await allEvents(response)).toEqual([{ event: 'result', data: '{}' }])
  })

  it('gives a result of several lines back as one', async () => {
    const http = await executing(async () => Buffer.from('{\r\n  "a": "ü"\n}'))
    expect(await allEvents(await execute(http, 'any'))).toEqual([{ event: 'result', data: '{\n  "a": "ü"\n}' }])
  })

  it('leaves out the progress that a client is too slow to read, and nothing else', async () => {
    const message = 'x'.repeat(1024 * 1024)
    const http = await executing(async (_, { progressed }) => {
      for (let progress = 1; progress <= 100; progress++) progressed?.({ progressToken: 7, progress, message })
      return Buffer.from('{"done":true}')
    })
    const events = await allEvents(await execute(http, 'any'))
    expect(events.length).toBeLessThan(50)
    expect(events.at(-1)).toEqual({ event: 'result', data: '{"done":true}' })
  })

  it('says nothing of an error that nobody expected but that there was one', async () => {
    const http = await executing(async (_, { progressed }) => {
      progressed?.({ progressToken: 7, progress: 1 })
      throw new TypeError('secret of /home/me')
    })
    const events = await allEvents(await execute(http, 'any'))
    expect(JSON.parse(events.at(-1)?.data ?? '')).toMatchObject({ code: 'internal', details: null })
    expect(JSON.stringify(events)).not.toContain('secret')
    expect(http.unexpected).toEqual([new TypeError('secret of /home/me')])
  })

  it('that fails at once has a status of its own', async () => {
    const http = await executing(() => Promise.reject(new ServiceError('overloaded', 'Why.', { retryAfterMs: 2_000 })))
    const response = await execute(http, 'any')
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '2'])
    await response.body?.cancel()
  })
})
