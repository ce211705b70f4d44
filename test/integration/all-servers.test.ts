import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import { Client as ClientV2 } from '@modelcontextprotocol/client'
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { introductionLine } from '../../shared/client-introduction.ts'
import { LineClient } from '../support/line-client.ts'
import { OwnWorker } from '../support/own-worker.ts'
import { SocketTransport } from '../support/socket-transport.ts'

const ROOT = join(import.meta.dirname, '../..')
const EVERYTHING = join(ROOT, 'node_modules/@modelcontextprotocol/server-everything/dist/index.js')
const FIXTURE = join(ROOT, 'test/fixtures/servers/counting.cjs')

type Json = Record<string, unknown>
interface CallOptions {
  onprogress?: (progress: unknown) => void
  signal?: AbortSignal
}

/** What the tests need of an official client, whichever it is. */
interface OfficialClient {
  listTools(): Promise<{ tools: { name: string }[] }>
  getServerVersion(): unknown
  getInstructions(): unknown
  listPrompts(): Promise<{ prompts: { name: string }[] }>
  getPrompt(params: { name: string; arguments?: Record<string, string> }): Promise<unknown>
  listResources(): Promise<{ resources: { uri: string; name: string }[] }>
  listResourceTemplates(): Promise<{ resourceTemplates: { uriTemplate: string }[] }>
  readResource(params: { uri: string }): Promise<{ contents: { uri: string; text?: string }[] }>
  subscribeResource(params: { uri: string }): Promise<unknown>
  unsubscribeResource(params: { uri: string }): Promise<unknown>
  complete(params: { ref: Ref; argument: { name: string; value: string } }): Promise<unknown>
  setLoggingLevel(level: 'debug'): Promise<unknown>
  close(): Promise<void>
}

type Ref = { type: 'ref/prompt'; name: string } | { type: 'ref/resource'; uri: string }

interface Started {
  client: OfficialClient
  call: (name: string, args?: Json, options?: CallOptions) => Promise<Json>
  /** The methods of what it was told and asked. */
  heard: string[]
  /** What it was asked, as JSON text. */
  asked: string[]
  /** The URIs of resources that were updated. */
  updated: unknown[]
  errors: Error[]
}

type Connect = (path: string, introduction?: string) => Promise<Started>

const clientInfo = { name: 'official', version: '1.0.0' }
const capabilities = { sampling: {}, elicitation: { form: {}, url: {} }, roots: { listChanged: true } }
const ANSWERS: Record<string, Json> = {
  'sampling/createMessage': { model: 'm', role: 'assistant', content: { type: 'text', text: 'sampled' } },
  'elicitation/create': { action: 'accept', content: { name: 'Ada', check: true } },
  'roots/list': { roots: [{ uri: 'file:///tmp/root', name: 'root' }] },
}

function witness() {
  const heard: string[] = []
  const errors: Error[] = []
  const updated: unknown[] = []
  const asked: string[] = []
  const handlers = {
    onerror: (error: Error) => void errors.push(error),
    fallbackNotificationHandler: async ({ method, params }: { method: string; params?: Json }) => {
      heard.push(method)
      if (method === 'notifications/resources/updated') updated.push(params?.uri)
    },
    fallbackRequestHandler: async ({ method, params }: { method: string; params?: Json }) => {
      heard.push(method)
      asked.push(JSON.stringify(params ?? {}))
      return ANSWERS[method] ?? {}
    },
  }
  return { heard, errors, updated, asked, handlers }
}

const connectV1: Connect = async (path, introduction) => {
  const { handlers, ...seen } = witness()
  const client = Object.assign(new ClientV1(clientInfo, { capabilities }), handlers)
  await client.connect(new SocketTransport(path, introduction))
  const call: Started['call'] = (name, args, options) => client.callTool({ name, arguments: args }, undefined, options)
  return { client, call, ...seen }
}

const connectV2 =
  (mode: 'legacy' | 'auto'): Connect =>
  async (path, introduction) => {
    const { handlers, ...seen } = witness()
    const client = Object.assign(new ClientV2(clientInfo, { capabilities, versionNegotiation: { mode } }), handlers)
    await client.connect(new SocketTransport(path, introduction))
    const call: Started['call'] = (name, args = {}, options) => client.callTool({ name, arguments: args }, options)
    return { client: client as unknown as OfficialClient, call, ...seen }
  }

const CLIENTS: [string, Connect][] = [
  ['@modelcontextprotocol/sdk 1', connectV1],
  ['@modelcontextprotocol/client 2, legacy', connectV2('legacy')],
  ['@modelcontextprotocol/client 2, auto', connectV2('auto')],
]

const node = (...args: string[]) => ({ command: process.execPath, args })

let worker: OwnWorker
let path: string
beforeAll(async () => {
  const mcpServers = { everything: node(EVERYTHING, 'stdio'), one: node(FIXTURE), two: node(FIXTURE) }
  worker = await OwnWorker.start({ mcpServers })
  path = worker.socketOf()
})
afterAll(() => worker[Symbol.asyncDispose]())

describe.each(CLIENTS)('%s with all servers at once', (_, open) => {
  it('finds tools, is told of them and calls them', async () => {
    const { client, call, heard, errors } = await open(path)
    expect(client.getServerVersion()).toMatchObject({ name: 'pilotlight' })
    expect(client.getInstructions()).toContain('find_tools')
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['find_tools', 'call_tool'])
    const found = await call('find_tools', { query: 'echo', limit: 1 })
    expect(found).toMatchObject({ structuredContent: { details: { success_count: 1 } } })
    expect(heard).toContain('notifications/tools/list_changed')
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['find_tools', 'call_tool', 'echo'])
    expect(await call('echo', { message: 'grün \u2028 🐦' })).toMatchObject({
      content: [{ type: 'text', text: 'Echo: grün \u2028 🐦' }],
    })
    const text = JSON.stringify({ a: 1, b: 2 })
    const sum = await call('call_tool', { tool: 'everything/get-sum', arguments: text })
    expect(JSON.stringify(sum)).toContain('is 3.')
    expect(errors).toEqual([])
    await client.close()
  })

  it('is asked what servers ask, hears of progress and can cancel', async () => {
    const { client, call, heard, errors } = await open(path)
    const sampled = await call('trigger-sampling-request', { prompt: 'say', maxTokens: 10 })
    expect(JSON.stringify(sampled)).toContain('sampled')
    expect(JSON.stringify(await call('trigger-elicitation-request'))).toContain('Ada')
    expect(heard).toContain('sampling/createMessage')
    expect(heard).toContain('elicitation/create')
    const progress: unknown[] = []
    const onprogress = (told: unknown) => void progress.push(told)
    await call('trigger-long-running-operation', { duration: 0.3, steps: 3 }, { onprogress })
    expect(progress.slice(0, 2)).toMatchObject([{ progress: 1 }, { progress: 2 }])
    const stop = new AbortController()
    const slow = call('one__sleep', { ms: 60_000 }, { signal: stop.signal }).catch(() => 'cancelled')
    await vi.waitFor(async () => expect((await worker.status()).service.counts.in_flight).toBe(1))
    stop.abort(new Error('enough'))
    expect(await slow).toBe('cancelled')
    await vi.waitFor(async () => expect((await worker.status()).service.counts.in_flight).toBe(0))
    expect(errors.filter(({ message }) => !message.includes('unknown token'))).toEqual([])
    await client.close()
  })

  it('has the prompts and resources of all servers', async () => {
    const { client, call, heard, updated, errors } = await open(path)
    const { prompts } = await client.listPrompts()
    expect(prompts.map(({ name }) => name)).toContain('args-prompt')
    const prompt = await client.getPrompt({ name: 'args-prompt', arguments: { city: 'Zürich' } })
    expect(JSON.stringify(prompt)).toContain('Zürich')
    const { resources } = await client.listResources()
    expect(resources.map(({ uri }) => uri)).toEqual(
      resources.map(() => expect.stringMatching(/^pilotlight:\/\/everything\/demo:/)),
    )
    const uri = 'pilotlight://everything/demo://resource/dynamic/text/1'
    expect((await client.readResource({ uri })).contents).toMatchObject([{ uri }])
    const own = 'demo://resource/dynamic/text/2'
    expect((await client.readResource({ uri: own })).contents).toMatchObject([{ uri: own }])
    const { resourceTemplates } = await client.listResourceTemplates()
    expect(resourceTemplates[0]?.uriTemplate).toContain('pilotlight://everything/demo://')
    const argument = { name: 'department', value: 'E' }
    const completed = await client.complete({ ref: { type: 'ref/prompt', name: 'completable-prompt' }, argument })
    expect(JSON.stringify(completed)).toContain('Engineering')
    await client.subscribeResource({ uri })
    await call('toggle-subscriber-updates')
    await vi.waitFor(() => expect(updated).toContain(uri))
    await call('toggle-subscriber-updates')
    await client.unsubscribeResource({ uri })
    await call('gzip-file-as-resource', { name: 'a.gz', data: 'data:text/plain,hello', outputType: 'resourceLink' })
    await vi.waitFor(() => expect(heard).toContain('notifications/resources/list_changed'))
    const after = await client.listResources()
    expect(after.resources.some(({ name }) => name === 'a.gz')).toBe(true)
    expect(errors).toEqual([])
    await client.close()
  })
})

describe('mcp.sock', () => {
  it('is for its user alone', () => {
    expect(lstatSync(join(path, '..')).mode & 0o777).toBe(0o700)
    expect(lstatSync(path).isSocket()).toBe(true)
  })

  it('goes on with a session that says who it is', async () => {
    const introduction = introductionLine({ session: 'front-7' })
    const first = await connectV1(path, introduction)
    await first.call('find_tools', { query: 'echo', limit: 1 })
    await first.client.close()
    const again = await connectV1(path, introduction)
    expect((await again.client.listTools()).tools.map(({ name }) => name)).toContain('echo')
    await again.client.close()
  })

  it('asks each of two clients its own questions only', async () => {
    const sample = ({ call }: Started, prompt: string) => call('trigger-sampling-request', { prompt, maxTokens: 5 })
    const clients = [await connectV1(path), await connectV2('legacy')(path)]
    // Where nobody could tell whose a question was the server is told so, and serves one client at a time from then on.
    await Promise.all(clients.map((client, index) => sample(client, `client ${index} at first`)))
    const rounds = Array.from({ length: 50 }, (_, round) => round)
    await Promise.all(
      clients.map(async (client, index) => {
        for (const round of rounds) {
          await Promise.all([
            sample(client, `client ${index} round ${round}`),
            client.call('trigger-elicitation-request'),
          ])
        }
      }),
    )
    for (const [index, { client, asked, heard, errors }] of clients.entries()) {
      const sampled = asked.flatMap((text) => /client \d round \d+/.exec(text) ?? [])
      expect(sampled).toEqual(rounds.map((round) => `client ${index} round ${round}`))
      expect(asked.join().includes(`client ${1 - index}`)).toBe(false)
      expect(heard.filter((method) => method === 'elicitation/create')).toHaveLength(rounds.length)
      expect(errors).toEqual([])
      await client.close()
    }
  })

  it('refuses a session that is none', async () => {
    using client = new LineClient(path)
    client.write('{"pilotlight":{"session":"a b"}}\n')
    expect(await client.ask('ping', {}, 1)).toMatchObject({
      id: 1,
      error: { code: -32602, message: expect.stringContaining('"session" must be') },
    })
  })

  it('finishes what was asked when the worker is stopped, then closes', async () => {
    await using own = await OwnWorker.start({ mcpServers: { one: node(FIXTURE) } })
    const client = await LineClient.open(own.socketOf())
    const slow = client.call('sleep', { ms: 300 })
    // Behind which the worker has read the call.
    await client.ask('ping')
    own.program.kill('SIGTERM')
    expect(await slow).toHaveProperty('result')
    expect(await own.program.exited).toBe(0)
    client[Symbol.dispose]()
  })
})
