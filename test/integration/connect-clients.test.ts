import { join } from 'node:path'
import { Client as ClientV2, StreamableHTTPClientTransport as HttpTransportV2 } from '@modelcontextprotocol/client'
import { StdioClientTransport as StdioTransportV2 } from '@modelcontextprotocol/client/stdio'
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport as StdioTransportV1 } from '@modelcontextprotocol/sdk/client/stdio.js'
import { StreamableHTTPClientTransport as HttpTransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { OwnWorker } from '../support/own-worker.ts'

const EVERYTHING = join(import.meta.dirname, '../../node_modules/@modelcontextprotocol/server-everything/dist/index.js')
const DIRECT = { command: process.execPath, args: [EVERYTHING, 'stdio'], env: {} }

type Json = Record<string, unknown>
type Notification = { method: string; params?: unknown }
interface CallOptions {
  onprogress?: (progress: unknown) => void
  signal?: AbortSignal
}

/** What the comparison needs of an official client, whichever it is. */
interface OfficialClient {
  getServerVersion(): unknown
  getServerCapabilities(): unknown
  getInstructions(): unknown
  listTools(): Promise<{ tools: readonly { name: string }[] }>
  listResources(): Promise<object>
  listResourceTemplates(): Promise<object>
  listPrompts(): Promise<object>
  readResource(params: { uri: string }): Promise<object>
  getPrompt(params: { name: string; arguments?: Record<string, string> }): Promise<object>
  complete(params: {
    ref: { type: 'ref/prompt'; name: string } | { type: 'ref/resource'; uri: string }
    argument: { name: string; value: string }
    context?: { arguments: Record<string, string> }
  }): Promise<object>
  subscribeResource(params: { uri: string }): Promise<object>
  unsubscribeResource(params: { uri: string }): Promise<object>
  setLoggingLevel(level: 'debug'): Promise<object>
  sendRootsListChanged(): Promise<void>
  ping(): Promise<object>
}

interface Started {
  client: OfficialClient
  call: (name: string, args: Json, options?: CallOptions) => Promise<object>
  notifications: Notification[]
  /** What the server asked. */
  questions: Json[]
  /** The names of its roots. */
  roots: string[]
  /** What the client could not read as protocol. */
  errors: Error[]
  /** Says goodbye. */
  close: () => Promise<void>
}

/** How a client gets to a server: by a program that it starts, or at a URL. */
type Way = { command: string; args: string[]; env: Record<string, string> } | ReturnType<OwnWorker['endpoint']>

type Connect = (way: Way) => Promise<Started>

const clientInfo = { name: 'official', version: '1.0.0' }
const capabilities = { sampling: {}, elicitation: { form: {}, url: {} }, roots: { listChanged: true } }

const EARS = 'demo://resource/session/ears.gz'
const LINK = { url: 'https://example.com/open?id=1', message: 'Open it.', elicitationId: 'one' }
// It tells its environment, which is not the same here and there.
const NOT_CALLED = ['get-env']

/** Handlers that write down what they are asked and told. */
function witness() {
  const notifications: Notification[] = []
  const questions: Json[] = []
  const errors: Error[] = []
  const roots = ['first']
  const handlers = {
    onerror: (error: Error) => void errors.push(error),
    fallbackNotificationHandler: async ({ method, params }: Notification) =>
      void notifications.push({ method, params }),
    fallbackRequestHandler: async ({ method, params }: Notification) => {
      questions.push({ method, params })
      return answerTo(method, params as Json, roots)
    },
  }
  return { notifications, questions, errors, roots, handlers }
}

function answerTo(method: string, params: Json, roots: readonly string[]): Json {
  if (method === 'roots/list') return { roots: roots.map((name) => ({ uri: `file:///tmp/${name}`, name })) }
  if (method === 'sampling/createMessage') {
    return { model: 'm', role: 'assistant', content: { type: 'text', text: 'sampled' } }
  }
  return { action: 'accept', ...(params.mode !== 'url' && { content: { name: 'Ada', check: true } }) }
}

const connectV1: Connect = async (way) => {
  const { handlers, ...seen } = witness()
  const client = Object.assign(new ClientV1(clientInfo, { capabilities }), handlers)
  const transport =
    'url' in way
      ? new HttpTransportV1(way.url, { requestInit: { headers: way.headers } })
      : new StdioTransportV1(quiet(way))
  await client.connect(transport)
  const call: Started['call'] = (name, args, options) => client.callTool({ name, arguments: args }, undefined, options)
  return { client, call, close: () => leave(client, transport), ...seen }
}

const connectV2 =
  (mode: 'legacy' | 'auto'): Connect =>
  async (way) => {
    const { handlers, ...seen } = witness()
    const client = Object.assign(new ClientV2(clientInfo, { capabilities, versionNegotiation: { mode } }), handlers)
    const transport =
      'url' in way
        ? new HttpTransportV2(way.url, { requestInit: { headers: way.headers } })
        : new StdioTransportV2(quiet(way))
    await client.connect(transport)
    const call: Started['call'] = (name, args, options) => client.callTool({ name, arguments: args }, options)
    return { client: client as unknown as OfficialClient, call, close: () => leave(client, transport), ...seen }
  }

function quiet<T>(program: T): T & { stderr: 'ignore' } {
  return { ...program, stderr: 'ignore' }
}

/** Over HTTP a client that just closes leaves its session behind. */
async function leave(client: { close(): Promise<void> }, transport: object): Promise<void> {
  if (transport instanceof HttpTransportV1 || transport instanceof HttpTransportV2) await transport.terminateSession()
  await client.close()
}

const CLIENTS: [string, Connect][] = [
  ['@modelcontextprotocol/sdk 1', connectV1],
  ['@modelcontextprotocol/client 2, legacy', connectV2('legacy')],
  ['@modelcontextprotocol/client 2, auto', connectV2('auto')],
]

const FACES: [string, (worker: OwnWorker) => Way][] = [
  ['pilot connect', (worker) => worker.connect('everything')],
  ['/mcp/{server}', (worker) => worker.endpoint('everything')],
]

/** A thing that is tried, and what came of it: a result, or what an error says. */
async function outcome(result: Promise<unknown>): Promise<unknown> {
  return result.catch(({ code, message, data }: Json) => ({ code, message, data }))
}

/** Everything a client can do with the server, as it sees it, but for times and random ids, which differ from run to run. */
async function use(started: Started): Promise<Json> {
  const { client, questions } = started
  const called = new Set<string>(NOT_CALLED)
  const call: Started['call'] = (name, ...rest) => {
    called.add(name)
    return started.call(name, ...rest)
  }
  const { tools } = await client.listTools()
  const seen: Json = {
    version: client.getServerVersion(),
    capabilities: client.getServerCapabilities(),
    instructions: client.getInstructions(),
    tools,
    resources: await client.listResources(),
    templates: await client.listResourceTemplates(),
    prompts: await client.listPrompts(),
    resource: await client.readResource({ uri: 'demo://resource/dynamic/text/1' }),
    blob: await client.readResource({ uri: 'demo://resource/dynamic/blob/1' }),
    document: await client.readResource({ uri: 'demo://resource/static/document/architecture.md' }),
    missing: await outcome(client.readResource({ uri: 'demo://nothing' })),
    simplePrompt: await client.getPrompt({ name: 'simple-prompt' }),
    prompt: await client.getPrompt({ name: 'args-prompt', arguments: { city: 'Zürich' } }),
    promptWithResource: await client.getPrompt({
      name: 'resource-prompt',
      arguments: { resourceType: 'Blob', resourceId: '2' },
    }),
    promptWithoutArguments: await outcome(client.getPrompt({ name: 'args-prompt' })),
    completion: await client.complete({
      ref: { type: 'ref/prompt', name: 'completable-prompt' },
      argument: { name: 'department', value: 'E' },
    }),
    completionInContext: await client.complete({
      ref: { type: 'ref/prompt', name: 'completable-prompt' },
      argument: { name: 'name', value: '' },
      context: { arguments: { department: 'Sales' } },
    }),
    completionOfTemplate: await client.complete({
      ref: { type: 'ref/resource', uri: 'demo://resource/dynamic/text/{resourceId}' },
      argument: { name: 'resourceId', value: '1' },
    }),
    ping: await client.ping(),
    echo: await call('echo', { message: 'grün \u2028 🐦' }),
    sum: await call('get-sum', { a: 1, b: 2 }),
    structured: await call('get-structured-content', { location: 'New York' }),
    image: await call('get-tiny-image', {}),
    annotated: await call('get-annotated-message', { messageType: 'error', includeImage: true }),
    links: await call('get-resource-links', { count: 3 }),
    reference: await call('get-resource-reference', { resourceType: 'Blob', resourceId: 3 }),
    task: await outcome(call('simulate-research-query', { topic: 'ears' })),
    wrongArguments: await outcome(call('get-sum', { a: 'one' })),
    noSuchTool: await outcome(call('no-such-tool', {})),
    sampled: await call('trigger-sampling-request', { prompt: 'say', maxTokens: 10 }),
    elicited: await call('trigger-elicitation-request', {}),
    elicitedByError: await outcome(call('trigger-url-elicitation', { ...LINK, errorPath: true })),
    elicitedByUrl: await call('trigger-url-elicitation', LINK),
    progress: await withProgress(call),
    cancelled: await cancelled(call),
    afterCancel: await call('echo', { message: 'still there' }),
  }
  const own = { ...started, call }
  seen.logged = await logged(own)
  seen.updated = await updated(own)
  seen.added = await added(own)
  seen.roots = await changedRoots(own)
  seen.questions = questions.filter(({ method }) => method !== 'roots/list')
  seen.notCalled = tools.map(({ name }) => name).filter((name) => !called.has(name))
  return withoutChance(seen)
}

function withoutChance(seen: Json): Json {
  // Times are in blobs, too.
  const readable = (name: string, one: unknown) =>
    name === 'blob' ? Buffer.from(String(one), 'base64').toString() : one
  const text = JSON.stringify(seen, readable)
    .replaceAll(/\d{1,2}:\d{2}:\d{2}( [AP]M)?|\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replaceAll(/[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/g, 'UUID')
  return JSON.parse(text) as Json
}

async function withProgress(call: Started['call']): Promise<unknown> {
  const progress: unknown[] = []
  const onprogress = (told: unknown) => void progress.push(told)
  const result = await call('trigger-long-running-operation', { duration: 0.3, steps: 3 }, { onprogress })
  // The client may have forgotten whom to tell when the last comes with the answer.
  return { result, progress: progress.slice(0, 2) }
}

async function cancelled(call: Started['call']): Promise<unknown> {
  const stop = new AbortController()
  const options = { signal: stop.signal, onprogress: () => stop.abort(new Error('enough')) }
  return outcome(call('trigger-long-running-operation', { duration: 30, steps: 300 }, options))
}

async function logged({ client, call, notifications }: Started): Promise<unknown> {
  const messages = () => notifications.filter(({ method }) => method === 'notifications/message')
  await client.setLoggingLevel('debug')
  const before = messages().length
  await call('toggle-simulated-logging', {})
  await vi.waitFor(() => expect(messages().length).toBeGreaterThan(before))
  await call('toggle-simulated-logging', {})
  return Object.keys(messages().at(-1)?.params ?? {}).toSorted()
}

async function updated({ client, call, notifications }: Started): Promise<unknown> {
  const uri = 'demo://resource/dynamic/text/2'
  const updates = () => notifications.filter(({ method }) => method === 'notifications/resources/updated')
  await client.subscribeResource({ uri })
  await call('toggle-subscriber-updates', {})
  await vi.waitFor(() => expect(updates()).not.toEqual([]))
  await call('toggle-subscriber-updates', {})
  await client.unsubscribeResource({ uri })
  return updates()[0]
}

/** A resource that a tool makes, which the server tells of and then has. */
async function added({ client, call, notifications }: Started): Promise<unknown> {
  const news = () => notifications.filter(({ method }) => method === 'notifications/resources/list_changed')
  const before = news().length
  const result = await call('gzip-file-as-resource', { name: 'ears.gz', data: 'data:text/plain,ears' })
  await vi.waitFor(() => expect(news().length).toBeGreaterThan(before))
  return {
    result,
    news: news().at(-1),
    list: await client.listResources(),
    read: await client.readResource({ uri: EARS }),
  }
}

/** The server asks for roots when a client comes, and again when they change. */
async function changedRoots({ client, call, notifications, questions, roots }: Started): Promise<unknown> {
  const asked = () => questions.filter(({ method }) => method === 'roots/list')
  await vi.waitFor(() => expect(asked()).not.toEqual([]))
  const first = await call('get-roots-list', {})
  roots.push('second')
  await client.sendRootsListChanged()
  const isNews = ({ params = {} }: Notification) => JSON.stringify(params).includes('Roots updated: 2')
  await vi.waitFor(() => expect(notifications.some(isNews)).toBe(true))
  return { question: asked()[0], first, news: notifications.find(isNews), second: await call('get-roots-list', {}) }
}

const CASES = CLIENTS.flatMap(([client, connect]) => FACES.map(([face, wayTo]) => ({ client, connect, face, wayTo })))

describe.each(CASES)('$client through $face', ({ connect, wayTo }) => {
  let worker: OwnWorker
  beforeAll(async () => {
    const { command, args } = DIRECT
    // It asks for roots when a client comes, and by itself the pool gives later clients a process of their own where several could be meant.
    worker = await OwnWorker.start({ mcpServers: { everything: { command, args, share: 'all' } } })
  })
  afterAll(() => worker[Symbol.asyncDispose]())

  it('sees what it sees of the server itself', async () => {
    const direct = await connect(DIRECT)
    const expected = await use(direct)
    await direct.close()
    const pooled = await connect(wayTo(worker))
    const seen = await use(pooled)
    const metrics = await (await fetch(`${worker.url}/metrics`)).text()
    expect(metrics).toContain('calls_total{server="everything",method="tools/call",outcome="cancelled"} 1\n')
    expect((await worker.status()).servers).toMatchObject([{ in_flight: 0 }])
    await pooled.close()
    expect(seen).toEqual(expected)
    expect(seen.notCalled).toEqual([])
    expect(unexpected(pooled.errors)).toEqual(unexpected(direct.errors))
  })

  it('finds the server warm when it comes again, with two others', async () => {
    const clients = await Promise.all(Array.from({ length: 3 }, () => connect(wayTo(worker))))
    const sums = await Promise.all(clients.map(({ call }, index) => call('get-sum', { a: index, b: 1 })))
    expect(sums.map((sum) => JSON.stringify(sum))).toEqual(
      [1, 2, 3].map((sum) => expect.stringContaining(`is ${sum}.`)),
    )
    const expected = [{ name: 'everything', state: 'ready', clients: 3, instances: 1, restarts: 0 }]
    // The one before may be about to leave.
    await expect.poll(async () => (await worker.status()).servers).toMatchObject(expected)
    await Promise.all(clients.map(({ close }) => close()))
    await vi.waitFor(async () => expect((await worker.status()).servers).toMatchObject([{ clients: 0 }]))
  })
})

// The server sends its last progress and the answer at once: which of them a client reads first differs from run to run.
function unexpected(errors: readonly unknown[]): string[] {
  return errors.map(String).filter((error) => !error.includes('progress notification for an unknown token'))
}
