import { copyFile, readdir } from 'node:fs/promises'
import { freemem } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { PoolStage } from '../../chaos/pool/pool-stage.ts'
import { findFreePort } from '../../support/free-port.ts'
import { OwnWorker } from '../../support/own-worker.ts'
import { proportionalBytes, residentBytes } from '../../support/process-memory.ts'
import { commandOf, descendantsOf } from '../../support/processes.ts'
import { untilNone } from '../../support/until-none.ts'
import { startWorker, untilReady } from '../../support/worker-process.ts'
import type { MeasureOptions } from '../section.ts'
import { together } from '../together.ts'
import { type Command, openSdkClient } from './sdk-client.ts'

/** How much memory a worker and its servers take, in bytes. Where processes share memory each counts in part (PSS), else in full (RSS). */
export interface MemoryResults {
  /** A worker at rest that knows {@link KNOWN_SERVERS}, none of which runs: started so, and once it has started and asked each (RSS); undefined where it asked only one. */
  known: number
  asked: number | undefined
  /** What each of {@link LIVE_CLIENTS} of one server adds to the worker (RSS). */
  perClient: number
  /** {@link CLIENTS} at {@link SERVERS}, that is the servers (PSS), and all other processes of the worker, itself included. */
  shared: Processes
  around: Processes
  /** The same servers for so many clients, the shared ones as those of the first, and a copy of each for every other as clients start them (PSS). As many as there is memory and time for. */
  copies: Processes & { clients: number }
  /** `pilot connect`, of which a client that speaks over stdio has one for each server (PSS); undefined where it was to be quick. */
  connect: Processes | undefined
}

/** How many processes, and their memory in bytes. */
export interface Processes {
  count: number
  bytes: number
}

export const KNOWN_SERVERS = 50
export const LIVE_CLIENTS = 500
export const CLIENTS = 20
export const SERVERS = 10

const PACKAGES = join(import.meta.dirname, '../../../node_modules/@modelcontextprotocol')
const SERVER = { command: process.execPath, args: [join(PACKAGES, 'server-everything/dist/index.js'), 'stdio'] }
const ECHO = { message: 'hello' }
const QUICK_CLIENTS = 2
const SOON_IDLE_MINUTES = 0.02
const IDLE_DEADLINE_MS = 60_000
const SETTLE_MS = 1_000
// A worker gives back what its start needed after some 15 seconds.
const REST_MS = 18_000
// So that a slow machine ends as well, with fewer copies.
const COPIES_MS = 30_000
// The rest is others', and what processes take before they settle.
const MOST_OF_FREE = 0.6

/** Measures one part after the other; `say` is told which. Quickly there are fewer copies, of which what all would take is worked out. */
export async function measureMemory(
  knowing: KnowingWorker,
  { quick, say }: MeasureOptions,
  signal: AbortSignal,
): Promise<MemoryResults> {
  const part = <T>(what: string, measure: () => Promise<T>): Promise<T> => {
    signal.throwIfAborted()
    say(what)
    return measure()
  }
  const ofClients = () => part(`${LIVE_CLIENTS} clients of one server`, measureClients)
  const ofServers = () => part(`${CLIENTS} clients of ${SERVERS} servers`, () => measureServers(quick, signal))
  // Memory is the same whoever else is busy.
  const [perClient, servers] = await together([ofClients(), ofServers()])
  return { asked: knowing.asked, known: await knowing.rested(), perClient, ...servers }
}

/** What a copy of each server for every client takes; where there was no memory for all, each of the missing what those after the first add. */
export function bytesOfAllCopies({ shared, copies }: Pick<MemoryResults, 'shared' | 'copies'>): number {
  return copies.bytes + ((CLIENTS - copies.clients) * (copies.bytes - shared.bytes)) / (copies.clients - 1)
}

/** A worker that knows {@link KNOWN_SERVERS}, and what it had once it was asked, as in {@link MemoryResults}. */
export interface KnowingWorker extends AsyncDisposable, Pick<MemoryResults, 'asked'> {
  /** Resolves with its memory once it has rested, counted from its start; something else may be measured meanwhile. */
  rested(): Promise<number>
}

/** Starts it. Quickly one server is asked for what all are then known by. */
export async function startKnowing(quick: boolean): Promise<KnowingWorker> {
  await using stack = new AsyncDisposableStack()
  const settings = { keepAliveMinutes: SOON_IDLE_MINUTES }
  const all = entries(KNOWN_SERVERS, settings)
  const worker = stack.use(await OwnWorker.start({ mcpServers: quick ? entries(1, settings) : all }))
  // Servers that still run with the worker's end may have said that their lists are others, and would be asked again.
  await untilIdle(worker)
  const asked = quick ? undefined : await bytesAfter(REST_MS, worker.program.pid)
  await worker.program[Symbol.asyncDispose]()
  if (quick) {
    await rememberAsOfAll(join(worker.variables.XDG_CACHE_HOME ?? '', 'pilotlight/catalog'))
    await worker.reconfigure({ mcpServers: all })
  }
  const port = await findFreePort()
  const stderrPath = join(worker.home.path, 'next.log')
  const { pid } = stack.use(await startWorker(port, { variables: worker.variables, stderrPath }))
  await untilReady(port)
  const restedAt = performance.now() + REST_MS
  const owned = stack.move()
  return {
    asked,
    rested: () => bytesAfter(Math.max(0, restedAt - performance.now()), pid),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

async function untilIdle(worker: OwnWorker): Promise<void> {
  const running = async () => (await worker.status()).service.counts.running
  if ((await untilNone(running, IDLE_DEADLINE_MS)) > 0) throw new Error('The servers do not stop when they are idle.')
}

/** Has what is remembered of the first server remembered of each: they are run in the same way, and their files differ in the names alone. */
async function rememberAsOfAll(folder: string): Promise<void> {
  const first = nameOf(0)
  for (const file of await readdir(folder)) {
    if (!file.startsWith(`${first}-`)) continue
    const copyFor = (server: number) =>
      copyFile(join(folder, file), join(folder, nameOf(server) + file.slice(first.length)))
    await Promise.all(Array.from({ length: KNOWN_SERVERS - 1 }, (_, index) => copyFor(index + 1)))
  }
}

async function measureClients(): Promise<number> {
  await using stage = await PoolStage.start(entries(1, { maxClients: LIVE_CLIENTS + 1 }))
  const { pid } = stage.worker.program
  await openClients(stage, { clients: 1, servers: 1 })
  const before = await bytesAfter(SETTLE_MS, pid)
  await openClients(stage, { clients: LIVE_CLIENTS, servers: 1 })
  return ((await bytesAfter(SETTLE_MS, pid)) - before) / LIVE_CLIENTS
}

async function measureServers(
  quick: boolean,
  signal: AbortSignal,
): Promise<Pick<MemoryResults, 'shared' | 'around' | 'connect' | 'copies'>> {
  await using stage = await PoolStage.start(entries(SERVERS, { maxClients: CLIENTS + 1, share: 'all' }))
  await openClients(stage, { clients: CLIENTS, servers: SERVERS })
  await sleep(SETTLE_MS)
  const { pid } = stage.worker.program
  const all = [pid, ...descendantsOf(pid)]
  const servers = all.filter(isServer)
  const results = { shared: sumOf(servers), around: sumOf(all.filter((one) => !isServer(one))) }
  return {
    ...results,
    connect: quick ? undefined : await measureConnect(stage),
    copies: await measureCopies(servers, quick ? QUICK_CLIENTS : CLIENTS, signal),
  }
}

async function measureConnect({ worker }: PoolStage): Promise<Processes> {
  await using stack = new AsyncDisposableStack()
  const pids = await startEach(
    Array.from({ length: SERVERS }, (_, server) => worker.connect(nameOf(server))),
    stack,
  )
  await sleep(SETTLE_MS)
  return sumOf(pids)
}

/** Starts what clients would besides the shared servers, were these of the first of them alone. */
async function measureCopies(
  shared: readonly number[],
  most: number,
  signal: AbortSignal,
): Promise<MemoryResults['copies']> {
  await using stack = new AsyncDisposableStack()
  const endsAt = performance.now() + COPIES_MS
  const fitting = Math.min(most, 1 + Math.floor((freemem() * MOST_OF_FREE) / sumOf(shared).bytes))
  const pids = [...shared]
  let clients = 1
  while (clients < 2 || (clients < fitting && performance.now() < endsAt)) {
    clients++
    signal.throwIfAborted()
    const copies = Array.from({ length: SERVERS }, () => ({ ...SERVER, env: {} }))
    pids.push(...(await startEach(copies, stack)))
  }
  await sleep(SETTLE_MS)
  return { clients, ...sumOf(pids) }
}

async function openClients(stage: PoolStage, { clients, servers }: Record<'clients' | 'servers', number>) {
  for (let made = 0; made < clients * servers; made++) {
    const client = await stage.open(nameOf(made % servers))
    await client.call('echo', ECHO)
  }
}

/** Starts these as the SDK does and calls a tool of each. Resolves with their processes; all end with `stack`. */
async function startEach(commands: readonly Command[], stack: AsyncDisposableStack): Promise<number[]> {
  const opened: Client[] = []
  // Some take long to end.
  stack.defer(async () => void (await together(opened.map((client) => client.close()))))
  const start = async (command: Command) => {
    const { client, pid } = await openSdkClient(command)
    opened.push(client)
    await client.callTool({ name: 'echo', arguments: ECHO })
    return pid
  }
  return together(commands.map(start))
}

function entries(count: number, settings: object): Record<string, object> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [nameOf(index), { ...SERVER, ...settings }]))
}

function nameOf(server: number): string {
  return `server-${server}`
}

async function bytesAfter(waitedMs: number, pid: number): Promise<number> {
  await sleep(waitedMs)
  return residentBytes(pid) ?? Number.NaN
}

function isServer(pid: number): boolean {
  return commandOf(pid) === [SERVER.command, ...SERVER.args].join(' ')
}

function sumOf(pids: readonly number[]): Processes {
  const bytes = pids.map((pid) => proportionalBytes(pid) ?? Number.NaN)
  return { count: pids.length, bytes: bytes.reduce((total, one) => total + one, 0) }
}
