import { setTimeout as sleep } from 'node:timers/promises'
import { OwnWorker } from '../../support/own-worker.ts'
import { proportionalBytes } from '../../support/process-memory.ts'
import { commandOf, descendantsOf } from '../../support/processes.ts'
import { openSdkClient } from '../pool/sdk-client.ts'
import { exampleServers } from './example-servers.ts'

/** How many processes, and their part of the memory in use in bytes (PSS: what several share counts in equal parts). */
export interface Processes {
  count: number
  bytes: number
}

/** What the servers of several editors take, behind a worker and as copies. */
export interface MemoryResults {
  fronts: Processes
  worker: Processes
  /** What ends the servers with the worker, whatever becomes of it. */
  guards: Processes
  servers: Processes
  copies: Processes
}

export const EDITORS = 5
export const SERVERS = 10

const FOLDER = import.meta.dirname
const SETTLE_MS = 2_000

/** Measures what runs behind a worker and then, when that is gone, as many copies; `say` is told which. */
export async function measureMemory(say: (what: string) => void, signal: AbortSignal): Promise<MemoryResults> {
  say(`${EDITORS} fronts over ${SERVERS} servers`)
  const shared = await measureShared(signal)
  say(`${EDITORS} copies of ${SERVERS} servers`)
  return { ...shared, copies: await measureCopies(signal) }
}

async function measureShared(signal: AbortSignal): Promise<Omit<MemoryResults, 'copies'>> {
  const servers = exampleServers(SERVERS, FOLDER)
  const mcpServers = Object.fromEntries(servers.map(({ name, command, args }) => [name, { command, args }]))
  await using worker = await OwnWorker.start({ mcpServers, pool: { maxSize: SERVERS } })
  await using stack = new AsyncDisposableStack()
  const fronts: number[] = []
  for (let editor = 0; editor < EDITORS; editor++) {
    signal.throwIfAborted()
    const { client, pid } = await openSdkClient(worker.front())
    stack.defer(() => client.close())
    await client.listTools()
    fronts.push(pid)
  }
  for (const { name, call } of servers) {
    const { status, text } = await worker.execute(name, { tool: call.name, arguments: call.arguments })
    if (status !== 200) throw new Error(`${name} answered with ${status}: ${text}`)
  }
  await sleep(SETTLE_MS, undefined, { signal })
  const commands = new Set(servers.map(({ command, args }) => [command, ...args].join(' ')))
  const below = descendantsOf(worker.program.pid)
  return {
    fronts: sumOf(fronts),
    worker: sumOf([worker.program.pid]),
    guards: sumOf(below.filter((pid) => !commands.has(commandOf(pid)))),
    servers: sumOf(below.filter((pid) => commands.has(commandOf(pid)))),
  }
}

async function measureCopies(signal: AbortSignal): Promise<Processes> {
  await using stack = new AsyncDisposableStack()
  const pids: number[] = []
  for (let editor = 0; editor < EDITORS; editor++) {
    for (const { command, args, call } of exampleServers(SERVERS, FOLDER)) {
      signal.throwIfAborted()
      const { client, pid } = await openSdkClient({ command, args, env: {} })
      stack.defer(() => client.close())
      await client.callTool(call)
      pids.push(pid)
    }
  }
  await sleep(SETTLE_MS, undefined, { signal })
  return sumOf(pids)
}

function sumOf(pids: readonly number[]): Processes {
  const bytes = pids.map((pid) => proportionalBytes(pid) ?? Number.NaN)
  return { count: pids.length, bytes: bytes.reduce((total, one) => total + one, 0) }
}
