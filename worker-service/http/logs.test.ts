import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { OwnWorker } from '../../test/support/own-worker.ts'
import { readEvents } from '../../test/support/read-events.ts'
import { type RunningHttp, startTestHttp } from '../../test/support/test-http.ts'

const SERVER = `process.stderr.write('hello from stderr\\n'); require(${JSON.stringify(
  join(import.meta.dirname, '../../test/fixtures/servers/counting.cjs'),
)})`

function logs({ url, token }: { url: string; token: string }, path: string, accept = '*/*'): Promise<Response> {
  return fetch(`${url}${path}`, { headers: { authorization: `Bearer ${token}`, accept } })
}

const withoutTime = (line: string) => line.replace(/^\d{4}-\d\d-\d\dT[\d:.]+Z /, '').replace(/\d+ ms/, 'n ms')

describe('the log of a server', () => {
  let worker: OwnWorker
  beforeAll(async () => {
    worker = await OwnWorker.start({ mcpServers: { one: { command: process.execPath, args: ['-e', SERVER] } } })
  })
  afterAll(() => worker[Symbol.asyncDispose]())

  const stop = () =>
    fetch(`${worker.url}/servers/one/stop`, { method: 'POST', headers: { authorization: `Bearer ${worker.token}` } })

  async function lines(path: string): Promise<string[]> {
    const response = await logs(worker, path)
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/plain; charset=utf-8'])
    return (await response.text()).split('\n').slice(0, -1).map(withoutTime)
  }

  it('has its error output and what became of it, then what is added, as long as somebody follows', async () => {
    await vi.waitFor(async () => expect((await lines('/servers/one/logs')).length).toBe(3))
    expect((await lines('/proxies/one/logs')).toSorted()).toEqual([
      'hello from stderr',
      'pilotlight: ready after n ms',
      expect.stringMatching(/^pilotlight: starting: /),
    ])
    const response = await logs(worker, '/servers/one/logs?lines=1&follow=1')
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    const followed = readEvents(response)
    expect((await followed.next()).value?.event).toBe('line')
    await stop()
    const { value } = await followed.next()
    expect([value?.event, withoutTime(value?.data ?? '')]).toEqual(['line', 'pilotlight: stopped: it was stopped.'])
    await followed.return()
    expect(await lines('/servers/one/logs?lines=1')).toEqual(['pilotlight: stopped: it was stopped.'])
  })

  it("is apart from that of another configuration's server of the same name", async () => {
    const mcpServers = { one: { command: process.execPath, args: ['-e', SERVER.replace('hello', 'greetings')] } }
    await using other = await OwnWorker.start({ mcpServers }, { XDG_STATE_HOME: worker.variables.XDG_STATE_HOME ?? '' })
    await vi.waitFor(async () => {
      expect(await (await logs(other, '/servers/one/logs')).text()).toContain('greetings from stderr')
    })
    expect(await lines('/servers/one/logs')).not.toContain('greetings from stderr')
  })

  it('is followed by who accepts events, and ends with the worker', async () => {
    const followed = readEvents(await logs(worker, '/servers/one/logs?lines=1', 'text/event-stream'))
    expect((await followed.next()).value?.event).toBe('line')
    worker.program.kill('SIGTERM')
    let last = ''
    for await (const { data } of followed) last = data
    expect(last).toBe('')
    expect(await worker.program.exited).toBe(0)
  })
})

describe('GET /servers/{name}/logs', () => {
  let http: RunningHttp
  let left = false
  let given = 0
  const asked: number[] = []
  beforeAll(async () => {
    http = await startTestHttp({
      servers: {
        lastLines: async (_, count) => {
          asked.push(count)
          return ['a', 'b']
        },
        async *followLines(_, __, signal) {
          const flood = Array.from({ length: 1_000 }, () => 'x'.repeat(1_000))
          try {
            for (; given < 1_000; given++) yield flood
          } finally {
            left = signal.aborted
          }
        },
      },
    })
  })
  afterAll(() => http.close())

  it('gives 50 lines unless told otherwise, up to 1000', async () => {
    for (const query of ['', '?lines=0', '?lines=1000']) {
      expect(await (await logs(http, `/servers/a/logs${query}`)).text()).toBe('a\nb\n')
    }
    expect(asked).toEqual([50, 0, 1_000])
  })

  it.each([
    ['lines=-1', 'int_parsing'],
    ['lines=1.5', 'int_parsing'],
    ['lines=', 'int_parsing'],
    ['lines=1e3', 'int_parsing'],
    ['lines=1001', 'less_than_equal'],
    ['follow=yes', 'bool_parsing'],
    ['follow=__proto__', 'bool_parsing'],
  ])('refuses ?%s', async (query, type) => {
    const response = await logs(http, `/servers/a/logs?${query}`)
    const loc = ['query', query.split('=')[0]]
    expect([response.status, await response.json()]).toMatchObject([422, { detail: [{ type, loc }] }])
  })

  it('waits for a client that does not read, and notices that it has left', async () => {
    const followed = readEvents(await logs(http, '/servers/a/logs?follow=1'))
    await followed.next()
    // So long as anything more is taken by the buffers between.
    for (let before = -1; before !== given; await new Promise((resolve) => setTimeout(resolve, 100))) before = given
    expect(given).toBeLessThan(100)
    await followed.return()
    await vi.waitFor(() => expect(left).toBe(true))
  })

  it('knows servers that are configured alone', async () => {
    const own = await startTestHttp()
    const answers = await Promise.all(
      ['/servers/none/logs', '/servers/none/logs?follow=1'].map(async (path) => (await logs(own, path)).status),
    )
    await own.close()
    expect(answers).toEqual([404, 404])
  })
})
