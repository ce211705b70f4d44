import { setTimeout as sleep } from 'node:timers/promises'
import { formatCount } from '../../bench/format.ts'
import { FakePool } from '../../support/fake-pool.ts'
import { fixtureEntry } from '../../support/fixture-server.ts'
import type { LineClient } from '../../support/line-client.ts'
import { TestClient } from '../../support/pool-client.ts'
import { untilNone } from '../../support/until-none.ts'
import { type ChaosPromise, none } from '../promises.ts'
import { seededRandom } from '../seeded-random.ts'
import { PoolStage } from './pool-stage.ts'
import { type PromiseRun, type RunPlan, sizeOf } from './promise-run.ts'

const CALLS = 10_000
const REAL_CALLS = 500
const KEEP_ALIVE_MS = 1_000
const REAL_KEEP_ALIVE_MS = 200
const REAL_SERVERS = 5
const GRACE_MS = 1_000
const EDGE_MS = 3
const REAL_EDGE_MS = 30
const LONG_CALL_SHARE = 0.2
const SLOW_STOP_SHARE = 0.5
const GIVE_UP_MS = 60_000

/** What became of calls that were made just when their servers were about to be stopped. */
interface IdleOutcome {
  lost: number
  /** How many idle stops there were. */
  stops: number
  /** Servers that ran on though nobody used them. */
  running: number
}

/** Calls at the edge of the idle stop: of the pool in virtual time, of a worker in real time. Their clients stay connected. */
export const idleRun: PromiseRun = {
  id: 'P9',
  title: 'idle stop fires, and never under a call',
  schedule: (plan) => [
    `${formatCount(sizeOf(CALLS, plan))} calls in virtual time, each up to ${EDGE_MS} ms from the moment when its server would be stopped, a fifth of`,
    'them longer than it may be idle, half of the stops slow;',
    `${formatCount(sizeOf(REAL_CALLS, plan))} calls of real servers that stop after ${REAL_KEEP_ALIVE_MS} ms, up to ${REAL_EDGE_MS} ms from it.`,
  ],
  async run(plan, signal) {
    const imagined = await callInVirtualTime(plan, signal)
    const real = await callRealServers(plan, signal)
    plan.note(` ${formatCount(imagined.stops)} idle stops in virtual time`)
    return [
      ...promisesOf('virtual time', imagined),
      ...promisesOf('real processes', real),
      { what: 'slowest idle stop', unit: 'ms', must: REAL_KEEP_ALIVE_MS + GRACE_MS, measured: real.slowestStopMs },
    ]
  },
}

function promisesOf(where: string, { lost, stops, running }: IdleOutcome): ChaosPromise[] {
  return [
    none(`calls lost, ${where}`, lost),
    none(`servers that ran on, unused, ${where}`, running),
    none(`runs without an idle stop, ${where}`, stops === 0 ? 1 : 0),
  ]
}

async function callInVirtualTime(plan: RunPlan, signal: AbortSignal): Promise<IdleOutcome> {
  const random = seededRandom(plan.seed)
  const calls = sizeOf(CALLS, plan)
  await using fake = new FakePool()
  const { clock, pool, servers, observer } = fake
  await fake.configure({ name: 'one', keepAliveMs: KEEP_ALIVE_MS, heartbeatMs: 0 })
  const client = new TestClient(pool, 'one')
  let lost = 0
  servers.behaviour.calls = 'hold'
  for (let made = 0; made < calls; made++) {
    signal.throwIfAborted()
    servers.behaviour.stop = random() < SLOW_STOP_SHARE ? 'hold' : 'at once'
    await clock.advance(KEEP_ALIVE_MS + nearEdge(random, EDGE_MS))
    const answered = client.call('echo', { made })
    await clock.advance(EDGE_MS)
    if (pool.row('one').state === 'stopping') servers.last.release()
    await clock.advance(random() < LONG_CALL_SHARE ? 3 * KEEP_ALIVE_MS : 1)
    servers.last.answer()
    if ((await answered).error !== undefined) lost++
  }
  servers.behaviour.stop = 'at once'
  await clock.advance(KEEP_ALIVE_MS + GRACE_MS)
  const stops = observer.lines.filter((line) => line.endsWith('stopped: it was unused.')).length
  return { lost, stops, running: pool.row('one').state === 'cold' ? 0 : 1 }
}

async function callRealServers(plan: RunPlan, signal: AbortSignal): Promise<IdleOutcome & { slowestStopMs: number }> {
  const random = seededRandom(plan.seed)
  const entry = fixtureEntry('counting', [], { idleTimeout: REAL_KEEP_ALIVE_MS / 1_000 })
  const names = Array.from({ length: REAL_SERVERS }, (_, index) => `server-${index}`)
  await using stage = await PoolStage.start(Object.fromEntries(names.map((name) => [name, entry])))
  const calls = Math.ceil(sizeOf(REAL_CALLS, plan) / REAL_SERVERS)
  let lost = 0
  const clients = await Promise.all(names.map((name) => stage.open(name)))
  const callAtEdge = async (client: LineClient) => {
    for (let made = 0; made < calls; made++) {
      await sleep(REAL_KEEP_ALIVE_MS + nearEdge(random, REAL_EDGE_MS), undefined, { signal })
      if (random() < LONG_CALL_SHARE) await client.call('sleep', { ms: 2 * REAL_KEEP_ALIVE_MS })
      if ((await client.call('pid')).error !== undefined) lost++
    }
  }
  await Promise.all(clients.map(callAtEdge))
  const usedAt = performance.now()
  const running = await untilNone(async () => (await stage.worker.status()).service.counts.running, GIVE_UP_MS)
  const slowestStopMs = performance.now() - usedAt
  return { lost, stops: (await stage.worker.starts()) - running, running, slowestStopMs }
}

/** Up to so many milliseconds to either side of the edge. */
function nearEdge(random: () => number, edgeMs: number): number {
  return Math.round((random() * 2 - 1) * edgeMs)
}
