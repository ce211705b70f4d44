import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { formatCount } from '../../bench/format.ts'
import { fixtureEntry, fixtureServer } from '../../support/fixture-server.ts'
import { LineClient } from '../../support/line-client.ts'
import { LivePool } from '../../support/live-pool.ts'
import { TestClient } from '../../support/pool-client.ts'
import { none } from '../promises.ts'
import { seededRandom } from '../seeded-random.ts'
import { PoolStage } from './pool-stage.ts'
import { type PromiseRun, type RunPlan, sizeOf } from './promise-run.ts'
import { type LoadBooks, ServerLoad } from './server-load.ts'

const RELOADS = 1_000
const RESTARTS = 200
const FEWEST = 4
const STEADY = ['steady-0', 'steady-1', 'steady-2']
const CHANGED = ['changed-0', 'changed-1']
const GUEST = 'guest'
const CLIENTS_EACH = 2
const BROKEN_SHARE = 0.1
const LONGEST_PAUSE_MS = 300
// Long enough for a broken file to be read twice, now and then.
const BROKEN_MS = 600

/** Configurations replaced and servers restarted under load, of a worker and of its pool. */
export const reloadRun: PromiseRun = {
  id: 'P12',
  title: 'reload and restart lose nothing',
  schedule: (plan) => [
    `${formatCount(sizeOf(RELOADS, plan, FEWEST))} new configurations, a tenth of them broken, up to ${LONGEST_PAUSE_MS} ms apart: ${CHANGED.length} servers change each time, one comes and goes,`,
    `${STEADY.length} stay; then ${formatCount(sizeOf(RESTARTS, plan, FEWEST))} restarts of a server. ${CLIENTS_EACH} clients of each call without a pause.`,
  ],
  async run(plan, signal) {
    const reloaded = await reloadUnderLoad(plan, signal)
    const restarted = await restartUnderLoad(plan, signal)
    const { steady, changed, guest } = reloaded
    for (const [name, { calls, errors }] of Object.entries({ steady, changed, guest, restarted })) {
      plan.note(` ${name}: ${formatCount(calls)} calls, ${formatCount(errors)} errors`)
    }
    const others = [changed, guest, restarted]
    const total = (count: (books: LoadBooks) => number) => others.reduce((sum, books) => sum + count(books), 0)
    return [
      none('failed calls of unchanged servers', steady.errors + steady.unanswered),
      none(
        'calls of changed, restarted and removed servers without an answer',
        total((books) => books.unanswered),
      ),
      none(
        'errors that do not say why',
        total((books) => books.unclear),
      ),
      none('calls answered twice', steady.answeredTwice + total((books) => books.answeredTwice)),
    ]
  },
}

async function reloadUnderLoad(
  plan: RunPlan,
  signal: AbortSignal,
): Promise<Record<'steady' | 'changed' | 'guest', LoadBooks>> {
  const random = seededRandom(plan.seed)
  await using stage = await PoolStage.start(serversOf(0))
  const loads = { steady: new ServerLoad(random), changed: new ServerLoad(random), guest: new ServerLoad(random) }
  const callers = (server: string) => Array.from({ length: CLIENTS_EACH }, () => new LineClient(stage.socketOf(server)))
  using clients = new DisposableStack()
  const join = (load: ServerLoad, server: string) => {
    for (const client of callers(server)) load.add(clients.use(client))
  }
  for (const server of STEADY) join(loads.steady, server)
  for (const server of CHANGED) join(loads.changed, server)
  const reloads = sizeOf(RELOADS, plan, FEWEST)
  for (let made = 1; made <= reloads; made++) {
    await sleep(random() * LONGEST_PAUSE_MS, undefined, { signal })
    if (random() < BROKEN_SHARE) {
      await writeFile(stage.worker.configPath, '{ "mcpServers": {')
      await sleep(BROKEN_MS, undefined, { signal })
    }
    await stage.worker.reconfigure({ mcpServers: serversOf(made), pool: POOL })
    await untilTakenOn(stage, made, signal)
    if (hasGuest(made)) join(loads.guest, GUEST)
    plan.say(`${formatCount(made)} of ${formatCount(reloads)} reloads`)
  }
  const [steady, changed, guest] = await Promise.all([loads.steady.end(), loads.changed.end(), loads.guest.end()])
  return { steady, changed, guest }
}

async function restartUnderLoad(plan: RunPlan, signal: AbortSignal): Promise<LoadBooks> {
  const random = seededRandom(plan.seed)
  const load = new ServerLoad(random)
  await using live = await LivePool.of([fixtureServer('counting', { name: 'one' })])
  for (let index = 0; index < CLIENTS_EACH; index++) load.add(new TestClient(live.pool, 'one'))
  const restarts = sizeOf(RESTARTS, plan, FEWEST)
  for (let made = 0; made < restarts; made++) {
    await sleep(random() * LONGEST_PAUSE_MS, undefined, { signal })
    await live.pool.restart('one')
    plan.say(`${formatCount(made)} of ${formatCount(restarts)} restarts`)
  }
  return await load.end()
}

const POOL = { maxSize: STEADY.length + CHANGED.length + 2 }

function serversOf(generation: number): Record<string, object> {
  const changing = fixtureEntry('counting', [], { env: { GENERATION: String(generation) } })
  return Object.fromEntries([
    ...STEADY.map((name) => [name, fixtureEntry('counting')]),
    ...CHANGED.map((name) => [name, changing]),
    ...(hasGuest(generation) ? [[GUEST, fixtureEntry('counting')]] : []),
  ])
}

function hasGuest(generation: number): boolean {
  return generation % 2 === 1
}

async function untilTakenOn(stage: PoolStage, generation: number, signal: AbortSignal): Promise<void> {
  for (;;) {
    const { servers } = await stage.worker.status()
    const isKnown = servers.some(({ name }) => name === GUEST)
    if (isKnown === hasGuest(generation) && existsSync(stage.socketOf(GUEST)) === isKnown) return
    await sleep(10, undefined, { signal })
  }
}
