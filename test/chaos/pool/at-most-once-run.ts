import { mkdir, mkdtempDisposable, readFile, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { formatCount } from '../../bench/format.ts'
import { fixtureEntry } from '../../support/fixture-server.ts'
import type { LineClient } from '../../support/line-client.ts'
import { OutcomeBooks } from './outcome-books.ts'
import { PoolStage, RISES_AT_ONCE } from './pool-stage.ts'
import { type PromiseRun, type RunPlan, sizeOf } from './promise-run.ts'

const KILLS = 1_000
const SERVERS = ['one', 'two', 'three', 'four']
const CLIENTS = 2
const CALLS_IN_FLIGHT = 4
// Whoever is refused comes again a little later.
const PAUSE_MS = 5
const LAST_ANSWER_MS = 30_000
const SAY_EVERY_MS = 100

/** Promise P3: a tool call is executed at most once, and its client is told truly what became of it. */
export const atMostOnceRun: PromiseRun = {
  id: 'P3',
  title: 'a tool call is executed at most once',
  schedule: (plan) => [
    `${formatCount(sizeOf(KILLS, plan))} kills (SIGKILL), seed ${plan.seed}: ${SERVERS.length} servers, each of which ends at a random byte of its input or output,`,
    `from its first one on, with ${CLIENTS * CALLS_IN_FLIGHT} calls in flight. Each call that it executes is a line in a file.`,
  ],
  run: async (plan, signal) => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'at-most-once-'))
    for (const server of SERVERS) await mkdir(join(folder.path, server))
    await using stage = await PoolStage.start(entriesOf(folder.path, plan))
    const books = new OutcomeBooks()
    const over = new AbortController()
    const stop = AbortSignal.any([signal, over.signal])
    const calling = SERVERS.map((server) => callUntil({ stage, server, books }, stop))
    await untilKilled(folder.path, plan, signal).finally(() => over.abort())
    await Promise.race([Promise.all(calling), sleep(LAST_ANSWER_MS, undefined, { signal, ref: false })])
    plan.note(` calls by what their clients were told: ${JSON.stringify(books.counts())}`)
    return books.promises(await readExecuted(folder.path))
  },
}

function entriesOf(folder: string, { seed }: RunPlan): Record<string, object> {
  const entries = SERVERS.map((server, index) => {
    const args = [join(folder, server), seed + index * 1_000_003]
    return [server, fixtureEntry('dies-at-byte', args, RISES_AT_ONCE)] as const
  })
  return Object.fromEntries(entries)
}

async function untilKilled(folder: string, plan: RunPlan, signal: AbortSignal): Promise<void> {
  for (let kills = 0; kills < sizeOf(KILLS, plan); ) {
    await sleep(SAY_EVERY_MS, undefined, { signal })
    const deaths = await Promise.all(SERVERS.map((server) => bytesOf(join(folder, server, 'deaths'))))
    kills = deaths.reduce((sum, count) => sum + count, 0)
    plan.say(`${formatCount(kills)} of ${formatCount(sizeOf(KILLS, plan))} kills`)
  }
}

async function bytesOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  )
}

async function readExecuted(folder: string): Promise<string[]> {
  const texts = await Promise.all(SERVERS.map((server) => readFile(join(folder, server, 'executed'), 'utf8')))
  return texts.flatMap((text) => text.split('\n').slice(0, -1))
}

interface Calling {
  readonly stage: PoolStage
  readonly server: string
  readonly books: OutcomeBooks
}

/** Keeps calls in flight over some clients of a server; resolves when all are over after `stop`. */
async function callUntil({ stage, server, books }: Calling, stop: AbortSignal): Promise<void> {
  const clients = Array.from({ length: CLIENTS }, async (_, number) => {
    const client = await openWhenItLives({ stage, server, books }, stop)
    if (client === undefined) return
    const lanes = Array.from({ length: CALLS_IN_FLIGHT }, (__, lane) => `${server} ${number} ${lane}`)
    await Promise.all(lanes.map((lane) => callAgain(client, { lane, books }, stop)))
  })
  await Promise.all(clients)
}

async function openWhenItLives({ stage, server, books }: Calling, stop: AbortSignal): Promise<LineClient | undefined> {
  let client: LineClient | undefined
  while (client === undefined && !stop.aborted) {
    client = await stage.open(server, (message) => books.unasked(message)).catch(() => undefined)
  }
  return client
}

async function callAgain(
  client: LineClient,
  { lane, books }: { lane: string; books: OutcomeBooks },
  stop: AbortSignal,
): Promise<void> {
  for (let number = 0; !stop.aborted; number++) {
    const token = `${lane} ${number}`
    books.made(token)
    const answer = await client.call('execute', { token })
    books.settled(token, answer)
    if (answer.error !== undefined) await sleep(PAUSE_MS)
  }
}
