import { once } from 'node:events'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Writable } from 'node:stream'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  answersAfter,
  FakeWorker,
  HEALTH_BODY,
  never,
  resets,
  SUCCESS_BODY,
  speaksMcp,
} from '../support/fake-worker.ts'
import { FrontClient, INTRODUCTION, type RpcAnswer } from '../support/front-client.ts'

const ROOT = join(import.meta.dirname, '../..')

const sourceOf = ({ result: { _meta: meta } = {} }: RpcAnswer) => meta?.['pilotlight/source']

async function listedDescription(client: FrontClient): Promise<string | undefined> {
  const { result } = await client.ask('tools/list')
  return result?.tools?.[0]?.description
}

/** Resolves when no more of what was written is being read. */
async function untilStuck(input: Writable | null): Promise<number> {
  for (let before = -1; ; ) {
    const waiting = input?.writableLength ?? 0
    if (waiting === before) return waiting
    before = waiting
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

describe('the front as a process', () => {
  let folder: string
  let program: string
  let home: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'front-'))
    mkdirSync(join(folder, 'dist'))
    program = join(folder, 'dist/front.cjs')
    copyFileSync(join(ROOT, 'dist/front.cjs'), program)
    copyFileSync(join(ROOT, 'test/fixtures/one-shot.cjs'), join(folder, 'dist/one-shot.cjs'))
  })
  afterAll(() => rmSync(folder, { recursive: true }))
  beforeEach(() => {
    home = mkdtempSync(join(folder, 'home-'))
  })

  const start = ({ url }: { url: string }, env: Record<string, string> = {}, nodeArgs: string[] = []) => {
    const variables = { HOME: home, XDG_RUNTIME_DIR: home, XDG_CACHE_HOME: home, WORKER_SERVICE_URL: url, ...env }
    return new FrontClient(program, variables, nodeArgs)
  }
  const noWorker = { url: 'http://127.0.0.1:9' }

  it('answers through the worker, and says so', async () => {
    await using worker = await FakeWorker.start()
    await using client = start(worker)
    await client.initialize()
    expect((await client.findTools({ query: 'read a file' })).result).toEqual({
      content: [{ type: 'text', text: SUCCESS_BODY }],
      structuredContent: JSON.parse(SUCCESS_BODY),
      _meta: { 'pilotlight/source': 'worker' },
    })
    const sent = worker.received.find(({ line }) => line === 'POST /find_tools')
    expect(sent?.body).toBe('{"query":"read a file"}')
    expect(sent?.headers['x-pilotlight-session']).toMatch(/^[0-9a-f-]{36}$/)
  })

  it('keeps its session over calls, and shares it with no other front', async () => {
    await using worker = await FakeWorker.start()
    for (let n = 0; n < 2; n++) {
      await using client = start(worker)
      await client.initialize()
      await client.findTools({ query: 'x' })
      await client.findTools({ query: 'y' })
    }
    const calls = worker.received.filter(({ line }) => line === 'POST /find_tools')
    const sessions = calls.map(({ headers }) => headers['x-pilotlight-session'])
    expect(sessions[0]).toBe(sessions[1])
    expect(sessions[2]).toBe(sessions[3])
    expect(new Set(sessions).size).toBe(2)
  })

  it('sends the token it finds', async () => {
    await using worker = await FakeWorker.start()
    writeFileSync(join(home, 'token'), 'from-the-file\n')
    await using client = start(worker, { PILOTLIGHT_TOKEN_FILE: join(home, 'token') })
    await client.initialize()
    await client.findTools({ query: 'x' })
    expect(worker.lastCall?.headers.authorization).toBe('Bearer from-the-file')
  })

  it('answers through the one-shot while the worker is away, with the same session, and through the worker again', async () => {
    await using worker = await FakeWorker.start()
    await using client = start(worker)
    await client.initialize()
    expect(sourceOf(await client.findTools({ query: 'answer' }))).toBe('worker')
    const session = worker.lastCall?.headers['x-pilotlight-session']
    await worker.kill()
    const away = await client.findTools({ query: 'answer' })
    expect(sourceOf(away)).toBe('one-shot')
    expect(away.result?.structuredContent?.details).toMatchObject({ session, input: { query: 'answer' } })
    await worker.listen()
    await vi.waitFor(async () => expect(sourceOf(await client.findTools({ query: 'answer' }))).toBe('worker'))
    expect(client.stderr).toMatch(/^(pilot mcp: [^\n]*\n)+$/)
    expect(client.stderr).toContain('the worker is back')
  })

  it('fails no call while the worker is killed again and again', async () => {
    await using worker = await FakeWorker.start()
    await using client = start(worker)
    await client.initialize()
    const calls: Promise<RpcAnswer>[] = []
    for (let round = 0; round < 3; round++) {
      for (let n = 0; n < 60; n++) calls.push(client.findTools({ query: `answer ${n % 6}` }))
      await worker.kill()
      for (let n = 0; n < 60; n++) calls.push(client.findTools({ query: `answer ${n % 6}` }))
      await worker.listen()
      await calls.at(-1)
    }
    const answered = await Promise.all(calls)
    expect(answered.filter(({ result }) => result?.structuredContent?.status !== 'success')).toEqual([])
  })

  describe('lists tools', () => {
    const fromOneShot = 'From a one-shot, for tools/list.'

    it('from the worker', async () => {
      await using worker = await FakeWorker.start()
      await using client = start(worker)
      await client.initialize()
      expect(await listedDescription(client)).toContain('Can find 43 tools of everything, memory.')
      const [greeting] = worker.received.filter(({ line }) => line === 'POST /mcp')
      expect(JSON.parse(greeting?.body ?? '')).toMatchObject({ method: 'initialize', params: INTRODUCTION })
      expect(greeting?.headers['x-pilotlight-session']).toMatch(/^[0-9a-f-]{36}$/)
    })

    it('from a one-shot when there is no worker', async () => {
      await using client = start(noWorker)
      await client.initialize()
      expect(await listedDescription(client)).toBe(fromOneShot)
    })

    it('from a one-shot when the worker hangs, and tells when it is back', async () => {
      await using worker = await FakeWorker.start({ mcp: never, health: never })
      await using client = start(worker)
      await client.initialize()
      expect(await listedDescription(client)).toBe(fromOneShot)
      worker.mcp = speaksMcp(5, ['git'])
      worker.health = (_, response) => response.end(HEALTH_BODY)
      const changed = '{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}'
      await vi.waitFor(() => expect(client.lines).toContain(changed))
      expect(await listedDescription(client)).toContain('Can find 5 tools of git.')
    })

    it('from the worker alone where that was asked for', async () => {
      await using client = start(noWorker, { FIND_TOOLS_MODE: 'worker', WORKER_REQUEST_TIMEOUT_MS: '300' })
      await client.initialize()
      expect(await client.ask('tools/list')).toMatchObject({
        error: {
          code: -32010,
          message: expect.stringContaining(`See that the worker at ${noWorker.url} runs.`),
          data: { server: 'pilotlight', delivered: 'no', retryable: true },
        },
      })
    })
  })

  describe('stdout', () => {
    it('carries protocol only, whatever else is printed', async () => {
      await using worker = await FakeWorker.start()
      await using client = start(worker, {}, ['--require', join(ROOT, 'test/fixtures/noisy.cjs')])
      await client.initialize()
      for (let n = 0; n < 20; n++) await client.findTools({ query: 'x' })
      await vi.waitFor(() => expect(client.stderr).toContain('a dependency says hello'))
      expect(client.lines).toHaveLength(21)
    })

    it('carries every answer to a client that reads late', async () => {
      await using worker = await FakeWorker.start()
      await using client = start(worker)
      await client.initialize()
      client.child.stdout?.pause()
      const pings = 300_000
      for (let id = 0; id < pings; id++) client.write(`{"jsonrpc":"2.0","id":"ping-${id}","method":"ping"}\n`)
      const last = client.answerTo(`ping-${pings - 1}`)
      expect(await untilStuck(client.child.stdin)).toBeGreaterThan(1_000_000)
      client.child.stdout?.resume()
      await last
      expect(client.lines).toHaveLength(pings + 1)
    })
  })

  describe('stdin', () => {
    it('may come byte by byte, with carriage returns, in several lines at once', async () => {
      await using worker = await FakeWorker.start()
      await using client = start(worker)
      await client.initialize()
      const call = {
        jsonrpc: '2.0',
        id: 'ü',
        method: 'tools/call',
        params: { name: 'find_tools', arguments: { query: '🚀 ß' } },
      }
      const answers = [client.answerTo('ü'), client.answerTo('two')]
      const text = `${JSON.stringify(call)}\r\n\r\n{"jsonrpc":"2.0","id":"two","method":"ping"}\r\n`
      for (const byte of Buffer.from(text)) {
        client.write(Buffer.of(byte))
        await new Promise((resolve) => setImmediate(resolve))
      }
      await Promise.all(answers)
      expect(worker.lastCall?.body).toBe('{"query":"🚀 ß"}')
    })

    it('may hold a long line that is no message, which costs only itself', async () => {
      await using client = start(noWorker)
      await client.initialize()
      const refused = client.answerTo(null)
      client.write(Buffer.alloc(9 * 1024 * 1024, 'x'))
      client.write('\n')
      expect(await refused).toMatchObject({ error: { code: -32700 } })
      expect(await client.ask('ping')).toMatchObject({ result: {} })
    })
  })

  describe('leaves', () => {
    it('with 0 when its client ends the input before it said anything', async () => {
      await using client = start(noWorker)
      expect(await client.leave()).toBe(0)
      expect(client.lines).toEqual([])
    })

    it('when its client ends the input, after the answers it owes', async () => {
      await using worker = await FakeWorker.start({ findTools: answersAfter(300, SUCCESS_BODY) })
      await using client = start(worker)
      await client.initialize()
      const answers = [client.findTools({ query: 'a' }), client.findTools({ query: 'b' })]
      expect(await client.leave()).toBe(0)
      for (const { result } of await Promise.all(answers)) {
        expect(result?.structuredContent?.status).toBe('success')
      }
    })

    it('when its client ends the input in the middle of a retry, after the answer', async () => {
      await using worker = await FakeWorker.start({ findTools: resets })
      await using client = start(worker)
      await client.initialize()
      const answer = client.findTools({ query: 'answer' })
      expect(await client.leave()).toBe(0)
      expect((await answer).result?.structuredContent?.status).toBe('success')
    })

    it('answering a last request without a newline', async () => {
      await using client = start(noWorker)
      const answer = client.answerTo('last')
      client.write('{"jsonrpc":"2.0","id":"last","method":"ping"}')
      expect(await client.leave()).toBe(0)
      expect(await answer).toMatchObject({ id: 'last', result: {} })
    })

    it.each(['SIGTERM', 'SIGINT'] as const)('with 0 on %s, and takes its one-shots along', async (signal) => {
      await using client = start(noWorker)
      await client.initialize()
      const pidFile = join(home, 'pids')
      void client.findTools({ query: `stubborn ${pidFile}` })
      const pid = Number(await vi.waitUntil(() => existsSync(pidFile) && readFileSync(pidFile, 'utf8')))
      const exited = once(client.child, 'exit')
      client.child.kill(signal)
      expect(await exited).toEqual([0, null])
      expect(() => process.kill(pid, 0)).toThrow('ESRCH')
    })

    it('when its client stops reading for good', async () => {
      await using client = start(noWorker)
      await client.initialize()
      const exited = once(client.child, 'exit')
      client.child.stdout?.destroy()
      void client.ask('ping')
      expect(await exited).toEqual([0, null])
    })
  })

  it('ends a cancelled call at the worker, and answers nothing', async () => {
    const closed = Promise.withResolvers<void>()
    await using worker = await FakeWorker.start({ findTools: (_, response) => response.on('close', closed.resolve) })
    await using client = start(worker)
    await client.initialize()
    void client.ask('tools/call', { name: 'find_tools', arguments: { query: 'x' } }, 'slow')
    await vi.waitFor(() => expect(worker.count('POST /find_tools')).toBe(1))
    client.write('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"slow"}}\n')
    await closed.promise
    await client.ask('ping')
    expect(client.lines.filter((line) => line.includes('slow'))).toEqual([])
  })

  it('says every mistake of its environment at once on stderr, and exits with 78', async () => {
    await using client = start(noWorker, { FIND_TOOLS_MODE: 'sometimes', WORKER_REQUEST_TIMEOUT_MS: '-1' })
    const [code] = (await once(client.child, 'close')) as [number]
    expect(code).toBe(78)
    expect(client.lines).toEqual([])
    expect(client.stderr).toMatch(
      /FIND_TOOLS_MODE must be one of.*\n.*WORKER_REQUEST_TIMEOUT_MS must be a whole number|WORKER_REQUEST_TIMEOUT_MS.*\n.*FIND_TOOLS_MODE/,
    )
  })
})
