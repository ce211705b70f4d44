import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { fixtureEntry } from '../support/fixture-server.ts'
import { FrontClient, INTRODUCTION, type RpcAnswer } from '../support/front-client.ts'
import { OwnWorker } from '../support/own-worker.ts'

const CHANGED = '{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}'
/** Longer than a stopped worker is looked at before it counts as hanging. */
const HANGING_MS = 3_000
const MIB = 1024 * 1024

const sourceOf = ({ result: { _meta: meta } = {} }: RpcAnswer) => meta?.['pilotlight/source']

describe.each(['mcp.sock', '/mcp'])('the front on the pool, over %s', (way) => {
  let worker: OwnWorker
  let client: FrontClient
  beforeAll(async () => {
    const one = fixtureEntry('counting', ['/dev/null'], { pinnedTools: ['pid'], maxMessageBytes: 12 * MIB })
    worker = await OwnWorker.start({
      mcpServers: { one, asks: fixtureEntry('asks-back'), lists: fixtureEntry('verbatim') },
    })
  })
  afterAll(() => worker[Symbol.asyncDispose]())
  beforeEach(async () => {
    client = await connect()
  })
  afterEach(async () => {
    await client[Symbol.asyncDispose]()
    if (!worker.program.running) await worker.comeBack()
  })

  async function connect(more: Record<string, string> = {}): Promise<FrontClient> {
    const { args, env } = worker.front()
    const [program = '', ...rest] = args
    const remote = way === '/mcp' ? { WORKER_SERVICE_URL: worker.url } : {}
    const started = new FrontClient(program, { ...env, ...remote, ...more }, [], rest)
    await started.initialize()
    return started
  }

  const call = (tool: string, args: object = {}, id?: string) =>
    client.ask('tools/call', { name: 'call_tool', arguments: { tool, arguments: args } }, id)
  const list = async () => JSON.stringify((await client.ask('tools/list')).result)
  const cancel = (requestId: string) =>
    client.write(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"${requestId}"}}\n`)

  it('calls tools, briefly and for long, and says nothing on stderr', async () => {
    expect(await call('one/pid', { a: [1, 'ü'] }, 'ä')).toMatchObject({
      id: 'ä',
      result: { structuredContent: { a: [1, 'ü'] } },
    })
    expect(await call('one/sleep', { ms: 1_500 })).toHaveProperty('result')
    expect(client.stderr).toBe('')
  })

  it('passes on what the server takes, gives what none takes one error by its own id, and goes on', async () => {
    expect(await call('one/pid', { a: 'x'.repeat(10 * MIB) })).toHaveProperty('result')
    const slow = call('one/sleep', { ms: 500 })
    expect(await call('one/pid', { a: 'x'.repeat(13 * MIB) }, 'large')).toMatchObject({
      id: 'large',
      error: { code: -32012, data: { delivered: 'no', retryable: false } },
    })
    expect(await slow).toHaveProperty('result')
    expect(client.stderr).toBe('')
  })

  it('brings questions to the client and its answers back', async () => {
    await client.ask('initialize', { ...INTRODUCTION, capabilities: { sampling: {} } })
    const asked = call('asks/echo')
    const question = await vi.waitFor(() => {
      const line = client.lines.find((one) => one.includes('sampling/createMessage'))
      return JSON.parse(line ?? '') as { id: number }
    })
    client.write(`${JSON.stringify({ jsonrpc: '2.0', id: question.id, result: { said: 'hello' } })}\n`)
    expect(JSON.stringify((await asked).result)).toContain('"said":"hello"')
  })

  it('tells that the tools are others once some were attached, and not when the same are attached again', async () => {
    expect(await list()).not.toContain('"sleep"')
    expect(sourceOf(await client.findTools({ query: 'sleep', min_score: 0, limit: 1 }))).toBe('worker')
    await vi.waitFor(() => expect(client.lines).toContain(CHANGED))
    expect(await list()).toContain('"sleep"')
    await client.findTools({ query: 'sleep', min_score: 0, limit: 1 })
    await client.ask('ping')
    expect(client.lines.filter((line) => line === CHANGED)).toHaveLength(1)
  })

  it.each([{}, { agent_id: 'ada' }])('keeps what is attached over a restart, byte for byte, %j', async (agent) => {
    await client.findTools({ query: 'count', min_score: 0, limit: 1, ...agent })
    const before = await list()
    expect(before).toContain('"count"')
    await worker.leave()
    expect(await list()).toBe(before)
    await worker.comeBack()
    await vi.waitFor(() => expect(client.lines).toContain(CHANGED))
    expect(await list()).toBe(before)
    expect(await client.ask('tools/call', { name: 'count', arguments: { key: 'x' } })).toHaveProperty('result')
  })

  it.each(['prompts/list', 'resources/list', 'resources/templates/list'])(
    'gives %s from what is remembered while the worker is away, byte for byte',
    async (method) => {
      const ask = async () => JSON.stringify((await client.ask(method)).result)
      const before = await ask()
      expect(before).toMatch(/"(greet|a|t)"/)
      await worker.leave()
      await vi.waitFor(async () => expect(await ask()).toBe(before))
    },
  )

  it('has what a one-shot attached while the worker was away', async () => {
    await list()
    await worker.leave()
    expect(sourceOf(await client.findTools({ query: 'die', min_score: 0, limit: 1 }))).toBe('one-shot')
    expect(client.lines).toContain(CHANGED)
    const meanwhile = await list()
    expect(meanwhile).toContain('"die"')
    await worker.comeBack()
    await vi.waitFor(() => expect(client.lines.filter((line) => line === CHANGED)).toHaveLength(2))
    expect(await list()).toBe(meanwhile)
  })

  it('ends a call under way with one error when the worker is killed, and has the next one wait for another', async () => {
    const lost = call('one/sleep', { ms: 60_000 }, 'lost')
    await vi.waitFor(async () => expect((await worker.status()).service.counts.in_flight).toBe(1))
    await worker.leave()
    expect(await lost).toMatchObject({
      error: { code: -32000, data: { server: 'pilotlight', delivered: 'unknown', retryable: false } },
    })
    const waiting = call('one/pid', { a: 1 })
    // Answered by the front, which has read the call before.
    await client.ask('ping')
    await worker.comeBack()
    expect(await waiting).toMatchObject({ result: { structuredContent: { a: 1 } } })
    expect(client.lines.filter((line) => line.includes('"lost"'))).toHaveLength(1)
  })

  it('says what to do to a call that waited in vain, and answers none that was cancelled meanwhile', async () => {
    await worker.leave()
    await using impatient = await connect({ WORKER_REQUEST_TIMEOUT_MS: '700' })
    const waited = impatient.ask('resources/read', { uri: 'a:b' }, 'waits')
    void impatient.ask('resources/read', { uri: 'a:b' }, 'cancelled')
    impatient.write('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"cancelled"}}\n')
    expect(await waited).toMatchObject({
      error: {
        code: -32010,
        message: expect.stringMatching(
          /^No worker took this request within 700 ms\. .+ (Run "pilot|See that the worker)/,
        ),
        data: { delivered: 'no', retryable: true, retryAfterMs: 1_000 },
      },
    })
    expect(await impatient.leave()).toBe(0)
    expect(impatient.lines.join()).not.toContain('"cancelled"')
  })

  it('goes on when a stopped worker does, and lists from a one-shot meanwhile', async () => {
    const before = await list()
    const slow = call('one/sleep', { ms: 200 })
    worker.program.kill('SIGSTOP')
    await sleep(HANGING_MS)
    expect(await list()).toBe(before)
    const waiting = call('one/pid', { a: 1 })
    worker.program.kill('SIGCONT')
    expect(await slow).toHaveProperty('result')
    expect(await waiting).toMatchObject({ result: { structuredContent: { a: 1 } } })
  })

  it('leaves the worker with its client', async () => {
    const { clients } = (await worker.status()).service.counts
    void call('one/sleep', { ms: 60_000 }, 'slow')
    const busy = { in_flight: 1, clients: clients + 1 }
    await vi.waitFor(async () => expect((await worker.status()).service.counts).toMatchObject(busy))
    cancel('slow')
    expect(await client.leave()).toBe(0)
    const quiet = { in_flight: 0, clients }
    await vi.waitFor(async () => expect((await worker.status()).service.counts).toMatchObject(quiet))
  })
})

it('says that the token is wanted, over HTTP', async () => {
  await using worker = await OwnWorker.start({ mcpServers: {} })
  const { args, env } = worker.front()
  const [program = '', ...rest] = args
  const variables = {
    ...env,
    WORKER_SERVICE_URL: worker.url,
    PILOTLIGHT_TOKEN: 'another',
    WORKER_REQUEST_TIMEOUT_MS: '500',
  }
  await using client = new FrontClient(program, variables, [], rest)
  await client.initialize()
  expect(await client.ask('prompts/get', { name: 'x' })).toMatchObject({
    error: { code: -32010, message: expect.stringContaining('set PILOTLIGHT_TOKEN') },
  })
})
