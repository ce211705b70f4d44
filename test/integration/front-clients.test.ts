import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client as ClientV2 } from '@modelcontextprotocol/client'
import { StdioClientTransport as StdioTransportV2 } from '@modelcontextprotocol/client/stdio'
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport as StdioTransportV1 } from '@modelcontextprotocol/sdk/client/stdio.js'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { answers, errorBody, FakeWorker, SUCCESS_BODY, speaksMcp } from '../support/fake-worker.ts'

const ROOT = join(import.meta.dirname, '../..')
const INVALID =
  '{"detail":[{"type":"float_type","loc":["body","limit"],"msg":"Input should be a valid number","input":{}}]}'

/** What the tests need of an official client, whichever it is. */
interface OfficialClient {
  listTools(): Promise<{ tools: { name: string; description?: string | undefined }[] }>
  callTool(params: { name: string; arguments: Record<string, unknown> }): Promise<Record<string, unknown>>
  ping(): Promise<unknown>
  close(): Promise<void>
}

interface Started {
  client: OfficialClient
  /** What the client could not read as protocol. */
  errors: Error[]
  listChanged: () => number
}

type Connect = (server: {
  command: string
  args: string[]
  env: Record<string, string>
  stderr: 'ignore'
}) => Promise<Started>

const clientInfo = { name: 'official', version: '1.0.0' }

const connectV1: Connect = async (server) => {
  const client = new ClientV1(clientInfo)
  const errors: Error[] = []
  Object.assign(client, { onerror: (error: Error) => errors.push(error) })
  let changes = 0
  client.fallbackNotificationHandler = async ({ method }) => void (changes += Number(method.endsWith('list_changed')))
  await client.connect(new StdioTransportV1(server))
  return { client, errors, listChanged: () => changes }
}

const connectV2 =
  (mode: 'legacy' | 'auto'): Connect =>
  async (server) => {
    const client = new ClientV2(clientInfo, { versionNegotiation: { mode } })
    const errors: Error[] = []
    Object.assign(client, { onerror: (error: Error) => errors.push(error) })
    let changes = 0
    client.fallbackNotificationHandler = async ({ method }) => void (changes += Number(method.endsWith('list_changed')))
    await client.connect(new StdioTransportV2(server))
    return { client, errors, listChanged: () => changes }
  }

const CLIENTS: [string, Connect][] = [
  ['@modelcontextprotocol/sdk 1', connectV1],
  ['@modelcontextprotocol/client 2, legacy', connectV2('legacy')],
  ['@modelcontextprotocol/client 2, auto', connectV2('auto')],
]

describe.each(CLIENTS)('%s', (_, connect) => {
  let folder: string
  let worker: FakeWorker
  let started: Started
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'front-'))
    mkdirSync(join(folder, 'dist'))
    copyFileSync(join(ROOT, 'dist/front.cjs'), join(folder, 'dist/front.cjs'))
    copyFileSync(join(ROOT, 'test/fixtures/one-shot.cjs'), join(folder, 'dist/one-shot.cjs'))
  })
  afterAll(() => rmSync(folder, { recursive: true }))
  beforeEach(async () => {
    worker = await FakeWorker.start()
    const env = { HOME: folder, XDG_RUNTIME_DIR: folder, XDG_CACHE_HOME: folder, WORKER_SERVICE_URL: worker.url }
    started = await connect({
      command: process.execPath,
      args: [join(folder, 'dist/front.cjs')],
      env,
      stderr: 'ignore',
    })
  })
  afterEach(async () => {
    await started.client.close()
    await worker[Symbol.asyncDispose]()
    if (started.errors.length > 0) throw new AggregateError(started.errors, 'The front wrote what is no protocol.')
  })

  it('sees one tool and what it can find', async () => {
    const { tools } = await started.client.listTools()
    expect(tools).toMatchObject([{ name: 'find_tools', description: expect.stringContaining('Can find 43 tools') }])
  })

  it('gets the answer, an error and a refusal as results it accepts', async () => {
    await started.client.listTools()
    const find = (args: Record<string, unknown>) => started.client.callTool({ name: 'find_tools', arguments: args })
    expect(await find({ query: 'x' })).toMatchObject({
      content: [{ type: 'text', text: SUCCESS_BODY }],
      structuredContent: JSON.parse(SUCCESS_BODY),
      _meta: { 'pilotlight/source': 'worker' },
    })
    worker.findTools = answers(502, errorBody('selector_failed'))
    expect(await find({ query: 'x' })).toMatchObject({ isError: true, structuredContent: { code: 'selector_failed' } })
    worker.findTools = answers(422, INVALID)
    expect(await find({ query: 'x', limit: {} })).toMatchObject({
      isError: true,
      structuredContent: { code: 'invalid_request', message: 'limit: Input should be a valid number.' },
    })
    expect(await find({})).toMatchObject({ isError: true, structuredContent: { code: 'invalid_request' } })
  })

  it('gets the same answer from the one-shot', async () => {
    await worker.kill()
    expect(await started.client.callTool({ name: 'find_tools', arguments: { query: 'answer' } })).toMatchObject({
      structuredContent: { status: 'success' },
      _meta: { 'pilotlight/source': 'one-shot' },
    })
  })

  it('is refused an unknown tool, and is alive after it', async () => {
    await expect(started.client.callTool({ name: 'other', arguments: {} })).rejects.toMatchObject({ code: -32602 })
    await expect(started.client.ping()).resolves.toBeDefined()
  })

  it('is told when the list may be another because the worker is', async () => {
    await started.client.listTools()
    await worker.kill()
    worker.mcp = speaksMcp(44, ['everything', 'memory', 'git'])
    await worker.listen()
    await vi.waitFor(() => expect(started.listChanged()).toBe(1))
    const { tools } = await started.client.listTools()
    expect(tools[0]?.description).toContain('Can find 44 tools of everything, memory, git.')
  })
})
