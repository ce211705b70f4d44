import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import { ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js'
import { describe, expect, it, vi } from 'vitest'
import { allServersSocketPath, serverSocketPath } from '../../shared/server-socket.ts'
import { OwnWorker } from '../support/own-worker.ts'
import { SocketTransport } from '../support/socket-transport.ts'

const PROGRAM = join(import.meta.dirname, '../fixtures/servers/listed-by-file.cjs')
const SOON = { interval: 20 }

const toolOf = (name: string) => ({ name, inputSchema: { type: 'object' } })

/** A worker with a server that lists the tool that the test names, and is remembered. */
async function workerListing(name: string) {
  const worker = await OwnWorker.start({})
  const file = join(worker.home.path, 'tools.json')
  const list = (tool: string) => writeFile(file, JSON.stringify([toolOf(tool)]))
  const define = (...args: string[]) => {
    const one = { command: process.execPath, args: [PROGRAM, file, ...args], maxClients: 9, pinnedTools: ['*'] }
    return worker.reconfigure({ mcpServers: { one } })
  }
  await list(name)
  await define()
  await vi.waitFor(async () => expect(await worker.listed()).toBe(1), SOON)
  return { worker, list, define, [Symbol.asyncDispose]: () => worker[Symbol.asyncDispose]() }
}

/** Every way to a tool of the server: by the server alone, and by all servers at once. */
function faces(worker: OwnWorker): Record<string, Transport> {
  const { runtime } = worker
  const overHttp = (server?: string) => {
    const { url, headers } = worker.endpoint(server)
    return new StreamableHTTPClientTransport(url, { requestInit: { headers } })
  }
  return {
    'pilot connect': new StdioClientTransport(worker.connect('one')),
    'the socket of one': new SocketTransport(serverSocketPath(runtime, 'one')),
    '/mcp/one': overHttp('one'),
    'pilot mcp': new StdioClientTransport(worker.front()),
    'the socket of all': new SocketTransport(allServersSocketPath(runtime)),
    '/mcp': overHttp(),
  }
}

/** A client that counts how often it is told that the list of tools has changed. */
async function clientOver(transport: Transport) {
  const client = new Client({ name: 'official', version: '1' })
  let told = 0
  client.setNotificationHandler(ToolListChangedNotificationSchema, () => void told++)
  await client.connect(transport)
  const names = async () => (await client.listTools()).tools.map(({ name }) => name).at(-1)
  return { names, told: () => told, [Symbol.asyncDispose]: () => client.close() }
}

type Told = Awaited<ReturnType<typeof clientOver>>

async function clientsOf(worker: OwnWorker, stack: AsyncDisposableStack): Promise<Record<string, Told>> {
  const opened = Object.entries(faces(worker)).map(async ([face, transport]) => {
    return [face, stack.use(await clientOver(transport))] as const
  })
  return Object.fromEntries(await Promise.all(opened))
}

async function eachOf<Value>(clients: Record<string, Told>, value: (client: Told) => Value | Promise<Value>) {
  const values = Object.entries(clients).map(async ([face, client]) => [face, await value(client)] as const)
  return Object.fromEntries(await Promise.all(values))
}

const same = <Value>(clients: Record<string, Told>, value: Value) => eachOf(clients, () => value)

describe('a server that lists other tools, and says nothing', () => {
  it('after it was started again: every client that has the old list is told', async () => {
    await using server = await workerListing('before')
    const { worker } = server
    await using stack = new AsyncDisposableStack()
    const clients = await clientsOf(worker, stack)
    // Some have it from memory, and some from the server.
    expect(await eachOf(clients, ({ names }) => names())).toEqual(await same(clients, 'before'))
    await worker.execute('one', { tool: 'before' })
    for (const [listed, renewed] of [
      ['before', 'after'],
      ['after', 'later'],
    ] as const) {
      const toldBefore = await eachOf(clients, ({ told }) => told())
      expect(await eachOf(clients, ({ names }) => names())).toEqual(await same(clients, listed))
      await server.list(renewed)
      expect(await worker.post('/servers/one/restart')).toBe(200)
      await vi.waitFor(async () => {
        const news = await eachOf(clients, ({ told }) => told())
        expect(Object.keys(news).filter((face) => news[face] === toldBefore[face])).toEqual([])
      }, SOON)
      expect(await eachOf(clients, ({ names }) => names())).toEqual(await same(clients, renewed))
    }
  })

  it('since it is defined otherwise: every client that has the old list is told, and none of that is accepted', async () => {
    await using server = await workerListing('before')
    const { worker } = server
    await using stack = new AsyncDisposableStack()
    const clients = await clientsOf(worker, stack)
    await eachOf(clients, ({ names }) => names())
    await server.list('after')
    await server.define('otherwise')
    await vi.waitFor(async () => {
      const news = await eachOf(clients, ({ told }) => told())
      expect(Object.keys(news).filter((face) => news[face] === 0)).toEqual([])
      expect(await eachOf(clients, ({ names }) => names())).toEqual(await same(clients, 'after'))
    }, SOON)
    expect(await worker.acceptTools('one')).toBe(200)
    expect((await worker.status()).servers).toMatchObject([{ tools_changed: null, withheld: [] }])
  })
})
