import { join } from 'node:path'
import { PoolStage } from '../../chaos/pool/pool-stage.ts'
import { fixtureEntry } from '../../support/fixture-server.ts'
import { LineClient } from '../../support/line-client.ts'
import { HttpConnection, postRequest } from '../find-tools/http-connection.ts'
import { ByteRelay } from '../pool/relays.ts'
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
  /** The same with a program that only passes bytes on, for what grows whatever stands there. */
  openFloor?(amount: number): Promise<Scene>
}

const SERVER = fixtureEntry('well-behaved')
const OPENED_AT_ONCE = 10
const TOOL = 'read_file'
const TOOL_CALL = 'a tool call'
const CATALOGUE_SERVER = join(import.meta.dirname, 'catalogue-server.ts')
const FEW_TOOLS = 10
// An answer is as large as what it tells of the tools in it: one of those that are there in any case, or a copy of it.
const FOUND = { limit: 1, min_score: 1 }

/** Everything that may grow. */
export const AXES: readonly Axis[] = [
  { things: 'clients of one server', few: 1, many: 1_000, open: openClients },
  { things: 'servers that run', few: 1, many: 100, open: openServers, openFloor: openRelays },
  { things: 'tools that are known', few: FEW_TOOLS, many: 10_000, open: openTools },
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

async function openRelays(count: number): Promise<Scene> {
  await using stack = new AsyncDisposableStack()
  const relay = stack.use(await ByteRelay.start(SERVER, count))
  const clients: LineClient[] = []
  for (const path of relay.paths) clients.push(stack.use(await LineClient.open(path)))
  const owned = stack.move()
  return {
    pid: relay.pid,
    calls: { [TOOL_CALL]: callInTurn(clients, TOOL) },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

async function openTools(count: number): Promise<Scene> {
  await using stack = new AsyncDisposableStack()
  const { servers, queriesFor } = await createCatalogue(1)
  const only = { command: process.execPath, args: [CATALOGUE_SERVER, String(count)] }
  const tool = servers[0]?.tools[0]?.name
  const { pid, port, calls } = stack.use(await openPool({ mcpServers: { only }, servers: ['only'], tool }))
  const requests = queriesFor(FEW_TOOLS).map((query) =>
    postRequest(port, '/find_tools', JSON.stringify({ query, ...FOUND })),
  )
  const next = inTurn(requests)
  const owned = stack.move()
  let connection: HttpConnection | undefined
  const find = async () => {
    // Not before its first turn: a worker closes a connection on which nothing comes.
    connection ??= owned.use(await HttpConnection.open(port))
    await connection.send(next())
  }
  return {
    pid,
    calls: { ...calls, find_tools: find },
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
  const clients: LineClient[] = []
  const waiting = servers.values()
  const lane = async () => {
    for (const server of waiting) clients.push(await stage.open(server))
  }
  await Promise.all(Array.from({ length: OPENED_AT_ONCE }, lane))
  return {
    pid: stage.worker.program.pid,
    port: Number(new URL(stage.worker.url).port),
    calls: { [TOOL_CALL]: callInTurn(clients, tool) },
    [Symbol.asyncDispose]: () => stage[Symbol.asyncDispose](),
  }
}

function callInTurn(clients: readonly LineClient[], tool: string): () => Promise<void> {
  const next = inTurn(clients)
  return async () => {
    const { error } = await next().call(tool)
    if (error !== undefined) throw new Error(error.message)
  }
}

/** One after another, and then from the start again. */
function inTurn<Item>(items: readonly Item[]): () => Item {
  let taken = 0
  return () => items[taken++ % items.length] as Item
}
