import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { formatBytes, formatCount } from '../../bench/format.ts'
import type { BareClient } from '../../support/bare-client.ts'
import { FakePool } from '../../support/fake-pool.ts'
import { slopeOf } from '../../support/least-squares.ts'
import { LineClient } from '../../support/line-client.ts'
import { LiveMemory, MEASURABLE } from '../../support/live-memory.ts'
import { TestClient } from '../../support/pool-client.ts'
import { residentBytes } from '../../support/process-memory.ts'
import { untilNone } from '../../support/until-none.ts'
import { seededRandom } from '../seeded-random.ts'
import { fixtureEntry, PoolStage } from './pool-stage.ts'
import type { PromiseRun, RunPlan } from './promise-run.ts'

const CALLS = 1_000_000
const CLIENTS = 10_000
const SERVERS = ['one', 'two']
const CALLERS_EACH = 4
const CALLS_AT_ONCE = 16
const VANISHING_AT_ONCE = 10
/** The memory is measured after each part. */
const PARTS = 40
const WARM_UP_SHARE = 0.25
const MOST_BYTES_PER_1000_CALLS = 1_000
const LEAVE_MS = 10_000

/** Calls without end, and clients that vanish at any moment of a session; then what the worker holds. */
export const memoryRun: PromiseRun = {
  id: 'P11',
  title: 'memory is flat',
  schedule: (plan) => [
    `${formatCount(sizeOf(CALLS, plan))} calls of ${SERVERS.length} servers, ${CALLERS_EACH * CALLS_AT_ONCE} at once on each, while ${formatCount(sizeOf(CLIENTS, plan))} clients connect and vanish;`,
    `what lives on the heap is measured ${PARTS} times, and the line is fitted without the first ${WARM_UP_SHARE * PARTS}.`,
  ],
  async run(plan, signal) {
    const worker = await loadWorker(plan, signal)
    return [
      {
        what: 'growth per 1,000 calls',
        unit: 'bytes',
        must: MOST_BYTES_PER_1000_CALLS,
        measured: worker.slope * 1_000,
      },
      { what: 'failed calls', unit: 'count', must: 0, measured: worker.failed },
      { what: 'clients and calls still known to the worker', unit: 'count', must: 0, measured: worker.known },
      { what: 'descriptors more than at the start', unit: 'count', must: 0, measured: worker.descriptors },
      { what: 'things a pool holds for clients that vanished', unit: 'count', must: 0, measured: await vanish(plan) },
    ]
  },
}

async function loadWorker(plan: RunPlan, signal: AbortSignal) {
  const random = seededRandom(plan.seed)
  const entry = fixtureEntry('counting', [], { maxClients: 100 })
  await using stage = await PoolStage.start(Object.fromEntries(SERVERS.map((name) => [name, entry])), MEASURABLE)
  using memory = await LiveMemory.of(join(stage.worker.home.path, 'worker.log'))
  const callers = (await Promise.all(SERVERS.map((server) => openCallers(stage, server)))).flat()
  const pid = stage.worker.program.pid
  const before = { descriptors: countDescriptors(pid), resident: residentBytes(pid) ?? Number.NaN }
  const samples: Array<readonly [calls: number, bytes: number]> = []
  let failed = 0
  for (let part = 1; part <= PARTS; part++) {
    signal.throwIfAborted()
    const vanishing = vanishAll(stage, Math.ceil(sizeOf(CLIENTS, plan) / PARTS), random)
    failed += await callAll(callers, Math.ceil(sizeOf(CALLS, plan) / PARTS))
    await vanishing
    samples.push([(part * sizeOf(CALLS, plan)) / PARTS, await memory.measure()])
    plan.say(`${formatCount(part)} of ${PARTS} parts, ${formatBytes(samples.at(-1)?.[1] ?? 0)} live`)
  }
  const known = await untilNone(async () => {
    const { counts } = (await stage.worker.status()).service
    return counts.clients - callers.length + counts.in_flight
  }, LEAVE_MS)
  const descriptors = await untilNone(() => Math.max(0, countDescriptors(pid) - before.descriptors), LEAVE_MS)
  const [first, last] = [samples[WARM_UP_SHARE * PARTS]?.[1] ?? Number.NaN, samples.at(-1)?.[1] ?? Number.NaN]
  plan.note(` live ${formatBytes(first)} when warm, ${formatBytes(last)} at the end`)
  plan.note(
    ` resident ${formatBytes(before.resident)} at the start, ${formatBytes(residentBytes(pid) ?? Number.NaN)} at the end`,
  )
  return { slope: slopeOf(samples.slice(WARM_UP_SHARE * PARTS)), failed, known, descriptors }
}

function openCallers(stage: PoolStage, server: string): Promise<BareClient[]> {
  return Promise.all(Array.from({ length: CALLERS_EACH }, () => stage.open(server)))
}

/** Makes so many calls, each caller several at once. Resolves with how many failed. */
async function callAll(callers: readonly BareClient[], calls: number): Promise<number> {
  let left = calls
  let failed = 0
  const callOn = async (caller: BareClient) => {
    while (left-- > 0) if ((await caller.call('pid')).error !== undefined) failed++
  }
  await Promise.all(callers.flatMap((caller) => Array.from({ length: CALLS_AT_ONCE }, () => callOn(caller))))
  return failed
}

/** What a client has done when it vanishes. */
const VANISHINGS: ReadonlyArray<(client: LineClient) => unknown> = [
  () => {},
  (client) => client.write('{"jsonrpc":"2.0","id":1,"meth'),
  (client) => void client.hello(),
  (client) => client.hello(),
  async (client) => {
    await client.hello()
    void client.call('sleep', { ms: 50 })
    await sleep(5)
  },
  async (client) => {
    await client.hello()
    void client.call('pid')
    client.socket.end()
    await client.ended
  },
]

async function vanishAll(stage: PoolStage, clients: number, random: () => number): Promise<void> {
  let left = clients
  const vanishOn = async () => {
    while (left-- > 0) {
      using client = new LineClient(stage.socketOf(pick(SERVERS, random)))
      await pick(VANISHINGS, random)(client)
    }
  }
  await Promise.all(Array.from({ length: VANISHING_AT_ONCE }, vanishOn))
}

/** How much a pool holds when clients of all kinds of use have left it, in virtual time. */
async function vanish(plan: RunPlan): Promise<number> {
  const random = seededRandom(plan.seed)
  await using fake = new FakePool()
  await fake.configure({ name: 'one', maxClients: 100 })
  for (let left = sizeOf(CLIENTS, plan); left > 0; left--) {
    const client = new TestClient(fake.pool, 'one')
    fake.servers.behaviour.calls = random() < 0.5 ? 'hold' : 'answer'
    if (random() < 0.7) void client.call()
    if (random() < 0.7) await fake.clock.advance(Math.round(random() * 3))
    client.close()
  }
  return fake.pool.size
}

function countDescriptors(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length
}

function pick<T>(from: readonly T[], random: () => number): T {
  return from[Math.floor(random() * from.length)] as T
}

function sizeOf(full: number, { scale }: RunPlan): number {
  return Math.ceil(full * scale)
}
