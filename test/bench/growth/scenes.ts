import { join } from 'node:path'
import { fixtureEntry, PoolStage } from '../../chaos/pool/pool-stage.ts'
import type { BareClient } from '../../support/bare-client.ts'
import { HttpConnection, postRequest } from '../find-tools/http-connection.ts'
import { createCatalogue } from '../selection/catalogue.ts'

/** A worker with some amount of something. */
export interface Scene extends AsyncDisposable {
  /** The worker's process. */
  readonly pid: number
  /** What is called, by its name: each time by another client or at another server, where there are several. */
  readonly calls: Readonly<Record<string, () => Promise<void>>>
}

/** Something of which there may be few or many. */
export interface Axis {
  readonly things: string
  readonly few: number
  readonly many: number
  open(amount: number): Promise<Scene>
}

const SERVER = fixtureEntry('well-behaved')
const TOOL = 'read_file'
const CATALOGUE_SERVER = join(import.meta.dirname, 'catalogue-server.ts')
// As many answers of three tools are as large whatever they are chosen from.
const FOUND = { limit: 3, min_score: 1 }

/** Everything that may grow. */
export const AXES: readonly Axis[] = [
  { things: 'clients of one server', few: 1, many: 1_000, open: openClients },
  { things: 'servers that run', few: 1, many: 100, open: openServers },
  { things: 'tools that are known', few: 10, many: 10_000, open: openTools },
]

function openClients(count: number): Promise<Scene> {
  const servers = Array.from({ length: count }, () => 'only')
  return openPool({ mcpServers: { only: { ...SERVER, maxClients: count + 1 } }, servers })
}

function openServers(count: number): Promise<Scene> {
  // Each is told its name, so that none is taken for another.
  const servers = Array.from({ length: count }, (_, index) => `server-${index}`)
  const entries = servers.map((name) => [name, fixtureEntry('well-behaved', [name])])
  return openPool({ mcpServers: Object.fromEntries(entries), servers })
}

async function openTools(count: number): Promise<Scene> {
  await using stack = new AsyncDisposableStack()
  const { servers, queries } = await createCatalogue(1)
  const only = { command: process.execPath, args: [CATALOGUE_SERVER, String(count)] }
  const tool = servers[0]?.tools[0]?.name
  const { pid, port, calls } = stack.use(await openPool({ mcpServers: { only }, servers: ['only'], tool }))
  const connection = stack.use(await HttpConnection.open(port))
  const requests = queries.map((query) => postRequest(port, '/find_tools', JSON.stringify({ query, ...FOUND })))
  const next = inTurn(requests)
  const owned = stack.move()
  return {
    pid,
    calls: { ...calls, find_tools: () => connection.send(next()) },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

interface Pooled {
  readonly mcpServers: Readonly<Record<string, object>>
  /** A client is opened at each of these. */
  readonly servers: readonly string[]
  readonly tool?: string | undefined
}

async function openPool({ mcpServers, servers, tool = TOOL }: Pooled): Promise<Scene & { port: number }> {
  const stage = await PoolStage.start(mcpServers)
  const clients: BareClient[] = []
  for (const server of servers) clients.push(await stage.open(server))
  const next = inTurn(clients)
  const call = async () => {
    const { error } = await next().call(tool)
    if (error !== undefined) throw new Error(error.message)
  }
  return {
    pid: stage.worker.program.pid,
    port: Number(new URL(stage.worker.url).port),
    calls: { 'a tool call': call },
    [Symbol.asyncDispose]: () => stage[Symbol.asyncDispose](),
  }
}

/** One after another, and then from the start again. */
function inTurn<Item>(items: readonly Item[]): () => Item {
  let taken = 0
  return () => items[taken++ % items.length] as Item
}
