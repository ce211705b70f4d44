import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { IsolationMode } from '../../../worker-service/server-pool/connectors/isolation.ts'
import type { ServerDefinition } from '../../../worker-service/server-pool/server-definition.ts'
import type { ServerPool } from '../../../worker-service/server-pool/server-pool.ts'
import { formatCount } from '../../bench/format.ts'
import { fixtureServer } from '../../support/fixture-server.ts'
import { availableIsolations, superviseIn } from '../../support/isolations.ts'
import { LivePool } from '../../support/live-pool.ts'
import { childrenOf } from '../../support/processes.ts'
import { untilNone } from '../../support/until-none.ts'
import { type ChaosPromise, none } from '../promises.ts'
import { type PromiseRun, type RunPlan, sizeOf } from './promise-run.ts'

const STARTS = 10_000
const AT_ONCE = 4
const SETTLE_MS = 30_000
const TINY = join(import.meta.dirname, '../../fixtures/servers/tiny.sh')
const SERVERS: readonly ServerDefinition[] = Array.from({ length: AT_ONCE }, (_, index) => ({
  ...fixtureServer('tiny', { name: `tiny-${index}` }),
  command: 'sh',
  args: [TINY],
}))

/** Servers of a pool, started and stopped many times in every mode of isolation; what this process holds is counted from /proc. */
export const descriptorsRun: PromiseRun = {
  id: 'P6',
  title: 'no zombies and no leaked descriptors',
  schedule: (plan) => [
    `${formatCount(sizeOf(STARTS, plan))} starts and stops of servers in each mode of isolation that there is, ${AT_ONCE} at once.`,
  ],
  async run(plan, signal) {
    const promises: ChaosPromise[] = []
    for (const mode of await availableIsolations()) promises.push(...(await startAndStopIn(mode, plan, signal)))
    return promises
  },
}

async function startAndStopIn(mode: IsolationMode, plan: RunPlan, signal: AbortSignal): Promise<ChaosPromise[]> {
  await using supervised = await superviseIn(mode)
  await using live = await LivePool.of(SERVERS, supervised.supervision)
  await startAndStopAll(live.pool)
  const before = held()
  const starts = sizeOf(STARTS, plan)
  for (let made = 0; made < starts; made += AT_ONCE) {
    signal.throwIfAborted()
    await startAndStopAll(live.pool)
    plan.say(`${mode}: ${formatCount(made)} of ${formatCount(starts)}`)
  }
  const more = (kind: keyof Held) => untilNone(() => Math.max(0, held()[kind] - before[kind]), SETTLE_MS)
  const promises: ChaosPromise[] = [
    none(`descriptors leaked, ${mode}`, await more('descriptors')),
    none(`children and zombies left, ${mode}`, await more('children')),
    none(`processes left, ${mode}`, await untilNone(() => supervised.groups.left().length, SETTLE_MS)),
  ]
  plan.note(` ${mode}: ${before.descriptors} descriptors and ${before.children} children before and after`)
  return promises
}

async function startAndStopAll(pool: ServerPool): Promise<void> {
  await Promise.all(
    SERVERS.map(async ({ name }) => {
      await pool.start(name)
      await pool.stop(name)
    }),
  )
}

interface Held {
  descriptors: number
  children: number
}

function held(): Held {
  return { descriptors: readdirSync('/proc/self/fd').length, children: childrenOf(process.pid).length }
}
