import { join } from 'node:path'
import { findFreePort } from '../../support/free-port.ts'
import { FrontProcess } from '../../support/front-process.ts'
import { OwnWorker } from '../../support/own-worker.ts'
import type { ProgramOptions } from '../../support/program.ts'
import { startWorker, untilReady } from '../../support/worker-process.ts'

/** Milliseconds of a front's first list of tools, from its answer to initialize, and of the lists after that; one list for each front. */
export interface ListTimes {
  first: number[][]
  next: number[][]
}

/** Whether a worker runs beside the front. None of the servers does. */
export type Beside = 'worker' | 'nothing'

export const KNOWN_SERVERS = 50

const SERVER = join(import.meta.dirname, '../../fixtures/servers/well-behaved.cjs')
const LISTS = 50

/** Has so many fronts list the tools of {@link KNOWN_SERVERS} servers that ran once, first beside nothing, then beside a worker. */
export async function measureLists(fronts: number, signal: AbortSignal): Promise<Record<Beside, ListTimes>> {
  await using known = await OwnWorker.start({ mcpServers: entries(), pool: { maxSize: KNOWN_SERVERS } })
  await known.program[Symbol.asyncDispose]()
  const stderrPath = join(known.home.path, 'next.log')
  const port = await findFreePort()
  const options = { variables: { ...known.variables, WORKER_SERVICE_PORT: String(port) }, stderrPath }
  const nothing = await ofFronts(fronts, options, signal)
  await using stack = new AsyncDisposableStack()
  stack.use(await startWorker(port, options))
  await untilReady(port)
  return { nothing, worker: await ofFronts(fronts, options, signal) }
}

async function ofFronts(fronts: number, options: Omit<ProgramOptions, 'args'>, signal: AbortSignal) {
  const times: ListTimes = { first: [], next: [] }
  for (let made = 0; made < fronts; made++) {
    signal.throwIfAborted()
    const [first, ...next] = await ofFront(options)
    times.first.push([first ?? Number.NaN])
    times.next.push(next)
  }
  return times
}

async function ofFront(options: Omit<ProgramOptions, 'args'>): Promise<number[]> {
  let onAnswer = () => {}
  await using front = await FrontProcess.start(options, (line) => {
    if (line.includes('"id":')) onAnswer()
  })
  const times: number[] = []
  for (let id = 0; id < LISTS; id++) {
    const startedAt = performance.now()
    const answered = new Promise<void>((resolve) => {
      onAnswer = resolve
    })
    front.send(`{"jsonrpc":"2.0","id":${id},"method":"tools/list"}`)
    await answered
    times.push(performance.now() - startedAt)
  }
  return times
}

function entries(): Record<string, object> {
  const names = Array.from({ length: KNOWN_SERVERS }, (_, index) => `server-${index}`)
  // Each is told its name, so that none is taken for another.
  return Object.fromEntries(names.map((name) => [name, { command: process.execPath, args: [SERVER, name] }]))
}
