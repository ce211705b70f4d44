import { setTimeout as sleep } from 'node:timers/promises'
import { unlessAborted } from '../../../shared/deadline.ts'
import { formatCount, formatDuration, formatRatio } from '../../bench/format.ts'
import { percentile } from '../../bench/samples.ts'
import { fixtureEntry } from '../../support/fixture-server.ts'
import type { LineClient } from '../../support/line-client.ts'
import { type ChaosPromise, none } from '../promises.ts'
import { seededRandom, shuffled } from '../seeded-random.ts'
import { OwnStarts } from './own-start.ts'
import { PoolStage } from './pool-stage.ts'
import type { PromiseRun, RunPlan } from './promise-run.ts'
import { ratioOfP99 } from './ratio-of-p99.ts'
import { callSteadily, type LoadRound, othersServed, p99Of } from './steady-load.ts'

const BYSTANDERS = namesOf('bystander', 10)
// So many that each falls seldom enough not to be given up.
const VICTIMS = namesOf('victim', 15)
const ENTRY = fixtureEntry('well-behaved')
const KILLS = 100
const BEATS_A_ROUND = 5
const BEAT_MS = 500
const CALLS_PER_SECOND = 200
const SERVED_AGAIN_WITHIN_MS = 500
const GIVEN_UP_AFTER_MS = 60_000
const MOST_TIMES_SLOWER = 1.1

/**
 * What happens at each beat of a round: nothing; a server is started by somebody else, which tells what its start takes and costs the
 * others, whoever starts it; one of the pool's is killed and called.
 */
const ROUNDS = ['calm', 'start', 'kill'] as const
type Round = (typeof ROUNDS)[number]

interface Books {
  readonly loads: Record<Round, LoadRound[]>
  readonly ownStarts: number[]
  /** From each kill to the next answer; infinite where none came in time. */
  readonly returns: number[]
  /** Calls after kills that got an error instead. */
  refusals: number
}

/**
 * Promise P8: a killed server is served again, and the others hardly notice. A machine with few cores slows everybody down when any
 * process starts on it, and a server that is called again must be started. So what is judged is the p99 of the others, over all calls of
 * the rounds with kills, against that of the rounds in which as many servers are started outside the pool: what the pool adds to a start.
 * Rounds of one kind differ by more than what is promised, so what is judged is how much it adds for certain. Told besides is how both
 * compare to calm.
 */
export const recoveryRun: PromiseRun = {
  id: 'P8',
  title: 'a killed server is served again',
  schedule: (plan) => [
    `${BYSTANDERS.length} servers, ${CALLS_PER_SECOND} calls a second; ${formatCount(killsOf(plan).length)} kills (SIGKILL), each followed by a call, among ${VICTIMS.length} others, seed ${plan.seed}:`,
    `a round of ${BEATS_A_ROUND * BEAT_MS} ms with kills follows one of calm and one in which somebody else starts as many servers,`,
    'which costs the others something too, whoever does it: judged is what kills cost them more than that.',
  ],
  run: async (plan, signal) => {
    await using stage = await PoolStage.start(
      Object.fromEntries([...BYSTANDERS, ...VICTIMS].map((name) => [name, ENTRY])),
    )
    const open = (server: string) => stage.open(server)
    const bystanders = await Promise.all(BYSTANDERS.map(open))
    const victims = new Map(await Promise.all(VICTIMS.map(async (name) => [name, await open(name)] as const)))
    const books: Books = { loads: { calm: [], start: [], kill: [] }, ownStarts: [], returns: [], refusals: 0 }
    using starts = new OwnStarts()
    const arena = { stage, victims, books, starts }
    const kills = killsOf(plan)
    for (let next = kills.splice(0, BEATS_A_ROUND); next.length > 0; next = kills.splice(0, BEATS_A_ROUND)) {
      plan.say(`${formatCount(books.returns.length)} kills`)
      for (const round of ROUNDS) {
        const load = { forMs: next.length * BEAT_MS, callsPerSecond: CALLS_PER_SECOND }
        const both = Promise.all([callSteadily(bystanders, load, signal), beat(round, next, arena)])
        const [done] = await unlessAborted(both, signal)
        books.loads[round].push(done)
      }
    }
    describe(books).forEach(plan.note)
    return promisesOf(books)
  },
}

interface Arena {
  stage: PoolStage
  victims: ReadonlyMap<string, LineClient>
  books: Books
  starts: OwnStarts
}

async function beat(round: Round, names: readonly string[], { stage, victims, books, starts }: Arena): Promise<void> {
  const startedAt = performance.now()
  for (const [index, name] of names.entries()) {
    await sleep(Math.max(0, startedAt + index * BEAT_MS - performance.now()))
    const client = victims.get(name)
    if (round === 'calm' || client === undefined) continue
    // To find out which process it is takes the worker some time, which is no part of either.
    const pid = await stage.processOf(name)
    if (round === 'start') books.ownStarts.push(await starts.measure(ENTRY))
    else await killAndCall({ pid, client }, books)
  }
}

async function killAndCall({ pid, client }: { pid: number; client: LineClient }, books: Books): Promise<void> {
  const killedAt = performance.now()
  process.kill(pid, 'SIGKILL')
  while (performance.now() - killedAt < GIVEN_UP_AFTER_MS) {
    const { error } = await client.call('read_file')
    if (error === undefined) return void books.returns.push(performance.now() - killedAt)
    books.refusals++
    await sleep(Number(error.data?.retryAfterMs ?? 1))
  }
  books.returns.push(Number.POSITIVE_INFINITY)
}

function promisesOf({ loads, ownStarts, returns }: Books): ChaosPromise[] {
  const lost = returns.filter((ms) => !Number.isFinite(ms)).length
  const slowestMs = Math.max(...returns) - percentile(ownStarts, 0.5)
  return [
    none('killed servers that were not served again', lost),
    ...othersServed(Object.values(loads).flat()),
    { what: 'slowest return, less the own start', unit: 'ms', must: SERVED_AGAIN_WITHIN_MS, measured: slowestMs },
    {
      what: "others' p99 to that with starts by others, at least",
      unit: 'ratio',
      must: MOST_TIMES_SLOWER,
      measured: ratioOfP99(loads.kill, loads.start).atLeast,
    },
  ]
}

function describe({ loads, ownStarts, returns, refusals }: Books): string[] {
  const times = (all: readonly number[]) =>
    [0.5, 0.99, 1].map((share) => formatDuration(percentile(all, share))).join(' · ')
  const p99s = ROUNDS.map((round) => `${round} ${formatDuration(p99Of(loads[round]))}`).join(' · ')
  const { ratio, atLeast, atMost } = ratioOfP99(loads.kill, loads.start)
  const toCalm = (round: Round) => formatRatio(p99Of(loads[round]) / p99Of(loads.calm))
  return [
    ` from a kill to an answer   p50 · p99 · slowest  ${times(returns)}   (${formatCount(refusals)} calls refused meanwhile)`,
    ` a server's own start       p50 · p99 · slowest  ${times(ownStarts)}`,
    ` others' p99                ${p99s}   to calm: start ${toCalm('start')} · kill ${toCalm('kill')}`,
    ` kill to start              ${formatRatio(ratio)}   with 95 % certainty from ${formatRatio(atLeast)} to ${formatRatio(atMost)}`,
  ]
}

function killsOf({ seed, scale }: RunPlan): string[] {
  const random = seededRandom(seed)
  const kills: string[] = []
  while (kills.length < KILLS * scale) kills.push(...shuffled(VICTIMS, random))
  return kills.slice(0, Math.ceil(KILLS * scale))
}

function namesOf(kind: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${kind}-${index}`)
}
