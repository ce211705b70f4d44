import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { formatCount } from '../../bench/format.ts'
import { findFreePort } from '../../support/free-port.ts'
import { type Generation, OfficialCaller } from '../../support/official-caller.ts'
import { createTemporaryHome, type TemporaryHome } from '../../support/temporary-home.ts'
import { unlessAborted } from '../../support/unless-aborted.ts'
import { PILOT } from '../../support/worker-process.ts'
import type { ChaosPromise } from '../promises.ts'
import { scheduleRestarts } from '../schedule.ts'
import { TormentedWorker } from '../tormented-worker.ts'
import { WayBack } from '../way-back.ts'
import { OutcomeBooks } from './outcome-books.ts'
import { fixtureEntry } from './pool-stage.ts'
import type { PromiseRun, RunPlan } from './promise-run.ts'

const RESTARTS = 100
const FEWEST = 4
const SERVER = 'one'
const TOKEN = 'test-token'
// Whoever got an error comes again a little later.
const PAUSE_MS = 5
const LAST_ANSWER_MS = 60_000

/** A way from a client to the server. */
interface Way {
  readonly name: string
  readonly generation: Generation
  readonly args: readonly string[]
  /** Whether the worker is somebody else's, and spoken to over HTTP. */
  readonly isRemote: boolean
  /** How the tool that counts is called on this way. */
  readonly toCall: (token: string) => [name: string, args: Record<string, unknown>]
}

const throughConnect = (token: string): ReturnType<Way['toCall']> => ['count', { key: token }]
const throughFront = (token: string): ReturnType<Way['toCall']> => [
  'call_tool',
  { tool: `${SERVER}/count`, arguments: { key: token } },
]

const WAYS: readonly Way[] = [
  { name: 'pilot mcp, v1', generation: 'v1', args: ['mcp'], isRemote: false, toCall: throughFront },
  { name: 'pilot mcp, v2', generation: 'v2', args: ['mcp'], isRemote: false, toCall: throughConnect },
  { name: 'pilot mcp over HTTP, v1', generation: 'v1', args: ['mcp'], isRemote: true, toCall: throughFront },
  { name: 'pilot connect, v1', generation: 'v1', args: ['connect', SERVER], isRemote: false, toCall: throughConnect },
  { name: 'pilot connect, v2', generation: 'v2', args: ['connect', SERVER], isRemote: false, toCall: throughConnect },
]

/** Promise P14: the session of a client outlives the worker, and each of its calls comes to one clear end. */
export const restartsRun: PromiseRun = {
  id: 'P14',
  title: 'a client outlives the worker',
  schedule: (plan) => [
    `${formatCount(restartsOf(plan))} restarts and stops of the worker at random, seed ${plan.seed}, while ${WAYS.length} official clients call a tool that counts:`,
    `${WAYS.map(({ name }) => name).join(' · ')}.`,
  ],
  run: async (plan, signal) => {
    await using home = await createTemporaryHome(plan.searchPath)
    const counted = join(home.path, 'counted')
    const port = await findFreePort()
    const variables = await configure(home, { counted, port })
    const program = { variables, stderrPath: join(home.path, 'worker.log') }
    const now = () => performance.now()
    await using worker = await TormentedWorker.start({ port, program, wayBack: new WayBack(), now })
    const books = new OutcomeBooks()
    await using clients = new AsyncDisposableStack()
    const callers: Caller[] = []
    for (const way of WAYS) callers.push(clients.use(await Caller.start(way, { variables, port, books })))
    const over = new AbortController()
    const calling = callers.map((caller) => caller.callUntil(over.signal))
    const faults = scheduleRestarts(plan.seed, restartsOf(plan))
    await worker.suffer(faults, now(), signal).finally(() => over.abort())
    await Promise.race([Promise.all(calling), unlessAborted(sleep(LAST_ANSWER_MS, undefined, { ref: false }), signal)])
    plan.note(` calls by what their clients were told: ${JSON.stringify(books.counts())}`)
    for (const { way, lists } of callers) plan.note(` ${way.name}: ${formatCount(lists)} lists`)
    return [...books.promises(await readLines(counted)), ...callers.flatMap((caller) => caller.promises())]
  },
}

function restartsOf({ scale }: RunPlan): number {
  return Math.max(FEWEST, Math.round(RESTARTS * scale))
}

async function configure(
  home: TemporaryHome,
  { counted, port }: { counted: string; port: number },
): Promise<Record<string, string>> {
  const configPath = join(home.path, 'mcp.json')
  const mcpServers = { [SERVER]: fixtureEntry('counting', [counted], { maxClients: 25 }) }
  await writeFile(counted, '')
  await writeFile(configPath, JSON.stringify({ mcpServers }), { mode: 0o600 })
  const own = { PILOTLIGHT_CONFIG: configPath, PILOTLIGHT_TOKEN: TOKEN, WORKER_SERVICE_PORT: String(port) }
  return { ...home.variables, ...own }
}

async function readLines(path: string): Promise<string[]> {
  return (await readFile(path, 'utf8')).split('\n').slice(0, -1)
}

interface CallerParts {
  readonly variables: Readonly<Record<string, string>>
  readonly port: number
  readonly books: OutcomeBooks
}

/** An official client that calls and lists without a pause. */
class Caller implements AsyncDisposable {
  readonly way: Way
  /** How many lists it got. */
  lists = 0
  readonly #client: OfficialCaller
  readonly #books: OutcomeBooks
  readonly #list: string
  #otherLists = 0
  #calls = 0

  private constructor(
    way: Way,
    { client, books, list }: { client: OfficialCaller; books: OutcomeBooks; list: string },
  ) {
    this.way = way
    this.#client = client
    this.#books = books
    this.#list = list
  }

  /** Starts its client. One of the front has the tool attached that counts. */
  static async start(way: Way, { variables, port, books }: CallerParts): Promise<Caller> {
    const remote = way.isRemote ? { WORKER_SERVICE_URL: `http://127.0.0.1:${port}` } : {}
    const env = { ...variables, ...remote }
    const client = await OfficialCaller.open(way.generation, {
      command: process.execPath,
      args: [PILOT, ...way.args],
      env,
    })
    if (way.args.includes('mcp')) await client.call('find_tools', { query: 'count', min_score: 0, limit: 1 })
    return new Caller(way, { client, books, list: await client.listTools() })
  }

  /** Calls until `stop`, and once more. */
  async callUntil(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) await this.#callAndList()
    await this.#callAndList()
  }

  promises(): ChaosPromise[] {
    const none = (what: string, measured: number): ChaosPromise => {
      return { what: `${this.way.name}: ${what}`, unit: 'count', must: 0, measured }
    }
    return [
      none('disconnects seen', Number(this.#client.wasDisconnected)),
      none('ids answered twice', this.#client.unasked),
      none('lists of tools that are another', this.#otherLists),
    ]
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#client[Symbol.asyncDispose]()
  }

  async #callAndList(): Promise<void> {
    const token = `${this.way.name} ${++this.#calls}`
    this.#books.made(token)
    const { result, error } = await this.#client.call(...this.way.toCall(token))
    const { key } = (result?.structuredContent ?? {}) as { key?: string }
    this.#books.settled(token, error === undefined ? { result: { token: key } } : { error })
    if (error !== undefined) await sleep(PAUSE_MS)
    const list = await this.#client.listTools().catch(() => undefined)
    // A list that was under way is an error like any other where nobody else can give it.
    if (list === undefined) return
    this.lists++
    if (list !== this.#list) this.#otherLists++
  }
}
