import { PLAIN } from '../../bench/paint.ts'
import { FakePool } from '../../support/fake-pool.ts'
import { TestClient } from '../../support/pool-client.ts'
import { none } from '../promises.ts'
import { seededRandom } from '../seeded-random.ts'
import { renderSamples, soakSchedule } from '../soak/render-soak.ts'
import { soak } from '../soak/soak.ts'
import { soakPromises } from '../soak/soak-promises.ts'
import type { PromiseRun, RunPlan } from './promise-run.ts'

// A fifth of what `npm run soak` does: below that most of what is seen is code that V8 compiles.
const CALLS = 200_000
const CLIENTS = 2_000

/** Promise P11: calls without end, and clients that vanish; then what the worker, and a pool in virtual time, hold. */
export const memoryRun: PromiseRun = {
  id: 'P11',
  title: 'memory is flat',
  schedule: (plan) => soakSchedule(planOf(plan)),
  async run(plan, signal) {
    const outcome = await soak(planOf(plan), plan.say, signal)
    renderSamples(outcome, PLAIN).forEach(plan.note)
    return [...soakPromises(outcome), none('things a pool holds for clients that vanished', await vanish(plan))]
  },
}

/** How much a pool holds when clients of all kinds of use have left it, in virtual time. */
async function vanish(plan: RunPlan): Promise<number> {
  const random = seededRandom(plan.seed)
  await using fake = new FakePool()
  await fake.configure({ name: 'one', maxClients: 100 })
  for (let left = planOf(plan).clients; left > 0; left--) {
    const client = new TestClient(fake.pool, 'one')
    fake.servers.behaviour.calls = random() < 0.5 ? 'hold' : 'answer'
    if (random() < 0.7) void client.call()
    if (random() < 0.7) await fake.clock.advance(Math.round(random() * 3))
    client.close()
  }
  return fake.pool.size
}

function planOf({ seed, scale }: RunPlan) {
  return { calls: Math.ceil(CALLS * scale), clients: Math.ceil(CLIENTS * scale), minutes: undefined, seed }
}
