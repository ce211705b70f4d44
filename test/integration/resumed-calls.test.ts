import { join } from 'node:path'
import { Client as ClientV2, StreamableHTTPClientTransport as TransportV2 } from '@modelcontextprotocol/client'
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { FaultProxy } from '../support/fault-proxy.ts'
import { OwnWorker } from '../support/own-worker.ts'

const EVERYTHING = join(import.meta.dirname, '../../node_modules/@modelcontextprotocol/server-everything/dist/index.js')
const TOOL = 'trigger-long-running-operation'

interface Message {
  id?: unknown
  method?: string
  params?: { progress?: unknown }
}

/** A client, and everything that reached it. */
interface Witness extends AsyncDisposable {
  messages: Message[]
  /** Calls a tool that takes so many steps, `stepMs` each; resolves with what it says at the end. */
  call(steps: number, stepMs: number): Promise<unknown>
}

type Connect = (url: URL, headers: Record<string, string>) => Promise<Witness>

const clientInfo = { name: 'official', version: '1.0.0' }
const onprogress = () => {}
const operation = (steps: number, stepMs: number) => ({
  name: TOOL,
  arguments: { steps, duration: (steps * stepMs) / 1_000 },
})

/** Writes down what comes to a client over its transport. */
function listenIn(transport: { onmessage?: ((message: never) => void) | undefined }): Message[] {
  const messages: Message[] = []
  const pass = transport.onmessage
  const onmessage = (message: never) => {
    messages.push(message)
    pass?.(message)
  }
  Object.assign(transport, { onmessage })
  return messages
}

const connectV1: Connect = async (url, headers) => {
  const client = new ClientV1(clientInfo)
  const transport = new TransportV1(url, { requestInit: { headers } })
  await client.connect(transport)
  return {
    messages: listenIn(transport),
    call: (steps, stepMs) => client.callTool(operation(steps, stepMs), undefined, { onprogress }),
    [Symbol.asyncDispose]: () => client.close(),
  }
}

const connectV2: Connect = async (url, headers) => {
  const client = new ClientV2(clientInfo)
  const transport = new TransportV2(url, { requestInit: { headers } })
  await client.connect(transport)
  return {
    messages: listenIn(transport),
    call: (steps, stepMs) => client.callTool(operation(steps, stepMs), { onprogress }),
    [Symbol.asyncDispose]: () => client.close(),
  }
}

const CLIENTS: [string, Connect][] = [
  ['@modelcontextprotocol/sdk 1', connectV1],
  ['@modelcontextprotocol/client 2', connectV2],
]

describe.each(CLIENTS)('%s at /mcp/{server}', (_, connect) => {
  let worker: OwnWorker
  let proxy: FaultProxy
  beforeAll(async () => {
    const everything = { command: process.execPath, args: [EVERYTHING, 'stdio'] }
    worker = await OwnWorker.start({ mcpServers: { everything } })
    const { hostname: host, port } = new URL(worker.url)
    proxy = await FaultProxy.open({ host, port: Number(port) }, { seed: 1 })
  })
  afterAll(async () => {
    await proxy[Symbol.asyncDispose]()
    await worker[Symbol.asyncDispose]()
  })

  const open = () => {
    const { url, headers } = worker.endpoint('everything')
    return connect(new URL(url.pathname, `http://127.0.0.1:${proxy.port}`), headers)
  }
  const callsSoFar = async () => (await worker.status()).servers[0]?.calls ?? 0
  const progressOf = ({ messages }: Witness) =>
    messages.filter(({ method }) => method === 'notifications/progress').map(({ params }) => params?.progress)
  const answersOf = ({ messages }: Witness) => messages.filter(({ method }) => method === undefined)

  it.each([
    ['that goes on when it is back', 8, 250],
    ['that is over when it is back', 2, 200],
  ])('resumes a call whose connection breaks, and is answered once (one %s)', async (...[, steps, stepMs]) => {
    const before = await callsSoFar()
    await using client = await open()
    const result = client.call(steps, stepMs)
    await vi.waitFor(() => expect(progressOf(client)).not.toEqual([]))
    proxy.cut()
    expect(JSON.stringify(await result)).toContain(`Steps: ${steps}`)
    // The server sends its last progress and the answer at once.
    await expect.poll(() => progressOf(client)).toEqual(Array.from({ length: steps }, (_none, index) => index + 1))
    expect(answersOf(client)).toHaveLength(1)
    expect(await callsSoFar()).toBe(before + 1)
  })
})
