import type { IsolationMode } from '../../../worker-service/server-pool/connectors/isolation.ts'
import { formatCount, formatDuration } from '../../bench/format.ts'
import { availableIsolations } from '../../support/isolations.ts'
import { untilNone } from '../../support/until-none.ts'
import { type ChaosPromise, none } from '../promises.ts'
import { seededRandom } from '../seeded-random.ts'
import { type KillOutcome, type KillRound, killParties, type Party, SERVER_NAMES } from './killed-parties.ts'
import { type PromiseRun, type RunPlan, sizeOf } from './promise-run.ts'

const ROUNDS = 200
const FEWEST_ROUNDS = 2
const LONGEST_WAIT_MS = 600
const LEAVE_LIMIT_MS = 2_000
const ZOMBIE_LIMIT_MS = 30_000
const ORDERS: ReadonlyArray<readonly Party[]> = [
  ['worker', 'front', 'client'],
  ['client', 'front', 'worker'],
  ['front', 'worker', 'client'],
  ['worker', 'client', 'front'],
  ['front', 'client', 'worker'],
  ['client', 'worker', 'front'],
]

/** Worker, front and client killed in every order, over servers that are hard to be rid of, in every mode of isolation. */
export const orphansRun: PromiseRun = {
  id: 'P5',
  title: 'no process is left behind',
  schedule: (plan) => [
    `${formatCount(sizeOf(ROUNDS, plan, FEWEST_ROUNDS))} rounds in each mode of isolation that the worker can have here: a worker, a front with one-shots and a client are killed`,
    `in every order, up to ${LONGEST_WAIT_MS} ms apart, half of the time while the worker starts. The servers: ${SERVER_NAMES.join(', ')}.`,
  ],
  async run(plan, signal) {
    const promises: ChaosPromise[] = []
    for (const mode of await modesOfWorkers()) promises.push(...(await killIn(mode, plan, signal)))
    return promises
  },
}

async function killIn(mode: IsolationMode, plan: RunPlan, signal: AbortSignal): Promise<ChaosPromise[]> {
  const random = seededRandom(plan.seed)
  const rounds = sizeOf(ROUNDS, plan, FEWEST_ROUNDS)
  const outcomes: KillOutcome[] = []
  for (let made = 0; made < rounds; made++) {
    const round = drawRound(mode, made, random)
    const outcome = await killParties(round, plan.searchPath, signal)
    outcomes.push(outcome)
    if (outcome.left > 0) plan.note(` round ${made} left ${outcome.left}: ${JSON.stringify(round)}`)
    plan.say(`${mode}: ${formatCount(made)} of ${formatCount(rounds)} rounds`)
  }
  const total = (count: (outcome: KillOutcome) => number) => outcomes.reduce((sum, one) => sum + count(one), 0)
  const zombies = await untilNone(() => total(({ census }) => census.unreaped()), ZOMBIE_LIMIT_MS)
  const slowestMs = Math.max(...outcomes.map(({ endedAfterMs }) => endedAfterMs))
  const processes = formatCount(total(({ census }) => census.size))
  plan.note(` ${mode}: ${processes} processes, the slowest ended after ${formatDuration(slowestMs)}`)
  const when = mode === 'process-group' ? ' after the next start' : ''
  return [
    none(
      `left${when}, ${mode}`,
      total(({ left }) => left),
    ),
    { what: `the slowest ended after, ${mode}`, unit: 'ms', must: LEAVE_LIMIT_MS, measured: slowestMs },
    none(`zombies, ${mode}`, zombies),
  ]
}

function drawRound(mode: IsolationMode, made: number, random: () => number): KillRound {
  const order = ORDERS[Math.floor(random() * ORDERS.length)] ?? []
  return {
    mode,
    servers: SERVER_NAMES.map((name) => ({ name, place: random() }))
      .toSorted((one, other) => one.place - other.place)
      .map(({ name }) => name),
    waitsForWorker: made % 2 === 0,
    kills: order.map((party) => ({ party, afterMs: Math.round(random() * LONGEST_WAIT_MS) })),
  }
}

// Only who is root has process namespaces unasked.
async function modesOfWorkers(): Promise<IsolationMode[]> {
  const isRoot = process.getuid?.() === 0
  return (await availableIsolations()).filter((mode) => isRoot || mode !== 'pid-namespace')
}
