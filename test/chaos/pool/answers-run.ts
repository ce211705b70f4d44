import { setTimeout as sleep } from 'node:timers/promises'
import { unlessAborted } from '../../../shared/deadline.ts'
import { formatCount } from '../../bench/format.ts'
import { fixtureEntry } from '../../support/fixture-server.ts'
import { none } from '../promises.ts'
import { seededRandom } from '../seeded-random.ts'
import { type CallTally, createCallTally } from './call-books.ts'
import { PoolStage } from './pool-stage.ts'
import { type PromiseRun, type RunPlan, sizeOf } from './promise-run.ts'
import { SameIdsClient, type SameIdsTraffic } from './same-ids-client.ts'

const CALLS = 1_000_000
const CLIENTS = 100
const SILENCE_MS = 60_000
const SAY_EVERY_MS = 250

/** Promise P1: clients that all use the same ids get their own answers, whatever the server does to confuse us. */
export const answersRun: PromiseRun = {
  id: 'P1',
  title: 'an answer reaches the client that asked, always',
  schedule: (plan) => [
    `${formatCount(sizeOf(CALLS, plan))} calls, seed ${plan.seed}: ${CLIENTS} clients of one server, whose ids are all 1, 0 and "1", again and again`,
    'The server answers in no order, now and then twice, with wrong ids, long afterwards, and after cancels.',
  ],
  run: async (plan, signal) => {
    await using stage = await PoolStage.start({
      jumbles: fixtureEntry('jumbles', [plan.seed], { share: 'all', maxClients: CLIENTS + 1 }),
    })
    const calls = sizeOf(CALLS, plan)
    const traffic: SameIdsTraffic = { left: calls, random: seededRandom(plan.seed), tally: createCallTally() }
    const startedAt = performance.now()
    const clients = Array.from({ length: CLIENTS }, (_, index) => new SameIdsClient(`client ${index}`, traffic))
    for (const client of clients) client.start(await stage.open('jumbles', (message) => client.take(message)))
    const openCalls = () => clients.reduce((sum, { open }) => sum + open, 0)
    await untilDone(() => traffic.left + openCalls(), { calls, say: plan.say }, signal)
    const seconds = (performance.now() - startedAt) / 1_000
    const counter = await stage.open('jumbles')
    const { result } = await unlessAborted(counter.call('tally'), signal)
    plan.note(` ${formatCount(calls / seconds)} calls a second, ${formatCount(traffic.tally.cancelled)} cancelled`)
    plan.note(` the server confused us: ${JSON.stringify(result?.structuredContent)}`)
    return promisesOf(traffic.tally, { unanswered: openCalls(), unmade: traffic.left })
  },
}

/** Waits until nothing is left, or nothing has happened for a while. */
async function untilDone(
  left: () => number,
  { calls, say }: { calls: number; say: RunPlan['say'] },
  signal: AbortSignal,
): Promise<void> {
  let before = Number.POSITIVE_INFINITY
  let changedAt = performance.now()
  while (left() > 0 && performance.now() - changedAt < SILENCE_MS) {
    if (left() < before) changedAt = performance.now()
    before = left()
    say(`${formatCount(calls - before)} of ${formatCount(calls)} calls answered`)
    await sleep(SAY_EVERY_MS, undefined, { signal })
  }
}

function promisesOf(tally: CallTally, { unanswered, unmade }: { unanswered: number; unmade: number }) {
  return [
    none('answers to another call, or under another id', tally.wrong),
    none('calls answered twice', tally.answeredTwice),
    none('calls never answered', unanswered + unmade),
    none('calls answered with an error', tally.errors.length),
    none('progress of another call', tally.wrongProgress),
  ]
}
