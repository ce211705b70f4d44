import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { OwnWorker } from '../../test/support/own-worker.ts'
import { exchange, post } from '../../test/support/raw-http.ts'
import { type RunningHttp, startTestHttp } from '../../test/support/test-http.ts'
import { untilUnderWay } from '../../test/support/until-under-way.ts'

const COUNTING = join(import.meta.dirname, '../../test/fixtures/servers/counting.cjs')

type Json = Record<string, unknown>

describe('the servers of a worker', () => {
  let worker: OwnWorker
  beforeAll(async () => {
    worker = await OwnWorker.start({
      mcpServers: {
        one: { command: process.execPath, args: [COUNTING] },
        missing: { command: '/nonexistent/program' },
      },
    })
  })
  afterAll(() => worker[Symbol.asyncDispose]())

  async function ask(method: 'GET' | 'POST', path: string): Promise<{ status: number; body: Json }> {
    const headers = { authorization: `Bearer ${worker.token}` }
    const response = await fetch(`${worker.url}${path}`, { method, headers })
    return { status: response.status, body: (await response.json()) as Json }
  }

  it('start, stop and restart, twice being as good as once', async () => {
    const act = async (action: string) => (await ask('POST', `/servers/one/${action}`)).body
    expect([await act('stop'), await act('stop')]).toMatchObject([
      { state: 'cold', pid: null },
      { state: 'cold', pid: null },
    ])
    const started = await Promise.all([act('start'), act('start')])
    expect(started).toMatchObject([{ state: 'ready' }, { state: 'ready', pid: started[0]?.['pid'] }])
    const restarted = await act('restart')
    expect(restarted).toMatchObject({ state: 'ready' })
    expect(restarted['pid']).not.toBe(started[0]?.['pid'])
  })

  it('have the rows of the status, all of them or one', async () => {
    const withoutMemory = (row: unknown) => ({ ...(row as Json), memory_mb: 0, next: '' })
    const rows = (await worker.status()).servers.map(withoutMemory)
    for (const mount of ['/servers', '/proxies']) {
      const { status, body } = await ask('GET', mount)
      expect([status, (body['servers'] as Json[]).map(withoutMemory)]).toEqual([200, rows])
      const one = await ask('GET', `${mount}/one`)
      expect([one.status, withoutMemory(one.body)]).toEqual([200, rows.find(({ name }: Json) => name === 'one')])
    }
  })

  it('say what they offer, without being started', async () => {
    await ask('POST', '/servers/one/stop')
    const { status, body } = await ask('GET', '/servers/one/tools')
    const tool = { description: 'Gives back what it got', inputSchema: { type: 'object' } }
    const tools = ['count', 'die', 'sleep', 'pid'].map((name) => ({ name, ...tool }))
    expect([status, body]).toEqual([200, { tools }])
    expect((await ask('GET', '/servers/one')).body['state']).toBe('cold')
  })

  it('say why they do not start, and why nobody knows what they offer', async () => {
    const found = await Promise.all([ask('POST', '/servers/missing/start'), ask('GET', '/servers/missing/tools')])
    const error = {
      status: 'error',
      code: 'server_unavailable',
      message: expect.stringMatching(/missing.*nonexistent/),
    }
    expect(found).toMatchObject([
      { status: 503, body: error },
      { status: 503, body: error },
    ])
  })

  it.each(['GET /servers/none', 'GET /servers/none/tools', 'POST /servers/none/start', 'POST /proxies/none/stop'])(
    'answer %s with what there is instead',
    async (route) => {
      const [method, path] = route.split(' ') as ['GET' | 'POST', string]
      const message = 'There is no server "none". There are: missing, one.'
      expect(await ask(method, path)).toMatchObject({ status: 404, body: { code: 'unknown_server', message } })
    },
  )
})

describe('what takes no body', () => {
  let http: RunningHttp
  beforeAll(async () => {
    http = await startTestHttp()
  })
  afterAll(() => http.close())

  const authorization = 'Bearer test-token'

  it('takes none, an empty one and one that says nothing', async () => {
    const none = `POST /shutdown HTTP/1.1\r\nhost: localhost\r\nauthorization: ${authorization}\r\n\r\n`
    const before = http.shutDowns
    const attempts = [none, post('/shutdown', '', { authorization }), post('/shutdown', '{"a":1}', { authorization })]
    const answers = await exchange(http.url, attempts, 3)
    expect(answers.map(({ status, body }) => [status, body])).toEqual(
      attempts.map(() => [202, '{"status":"draining"}']),
    )
    expect(http.shutDowns).toBe(before + 3)
  })

  it.each([
    ['a form', 'a=b', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
    ['what is no JSON', '{', {}, 422],
    ['too much', `"${'x'.repeat(1024 * 1024)}"`, {}, 413],
  ])('refuses %s', async (_, body, headers, status) => {
    const before = http.shutDowns
    const [answer] = await exchange(http.url, post('/shutdown', body, { authorization, ...headers }))
    expect([answer?.status, http.shutDowns]).toEqual([status, before])
  })
})

describe('POST /shutdown', () => {
  it('ends the worker as a signal does, calls in flight finished', async () => {
    await using worker = await OwnWorker.start({
      mcpServers: { one: { command: process.execPath, args: [COUNTING] } },
    })
    const call = worker.execute('one', { tool: 'sleep', arguments: { ms: 300 } })
    const isUnderWay = async () => (await worker.status()).service.counts.in_flight === 1
    await untilUnderWay(call, isUnderWay)
    const response = await fetch(`${worker.url}/shutdown`, {
      method: 'POST',
      headers: { authorization: `Bearer ${worker.token}` },
    })
    expect(response.status).toBe(202)
    expect(await call).toEqual({ status: 200, text: '{"content":[]}' })
    expect(await worker.program.exited).toBe(0)
  })
})
