import { setTimeout as sleep } from 'node:timers/promises'
import { unlessAborted } from '../../../shared/deadline.ts'
import { formatBytes, formatCount, formatDuration, formatRatio } from '../../bench/format.ts'
import { PLAIN } from '../../bench/paint.ts'
import { percentile } from '../../bench/samples.ts'
import { type Column, renderTable } from '../../bench/table.ts'
import { fixtureEntry } from '../../support/fixture-server.ts'
import type { LineClient } from '../../support/line-client.ts'
import { residentBytes } from '../../support/process-memory.ts'
import type { ChaosPromise } from '../promises.ts'
import { seededRandom, shuffled } from '../seeded-random.ts'
import { ATTACKS, type Attack, Attacker } from './attack.ts'
import { PoolStage, RISES_AT_ONCE } from './pool-stage.ts'
import type { PromiseRun, RunPlan } from './promise-run.ts'
import { type RatioOfP99, ratioOfP99 } from './ratio-of-p99.ts'
import { callSteadily, type LoadRound, othersServed, p99Of } from './steady-load.ts'

const GOOD_SERVERS = 19
const CALLS_PER_SECOND = 400
const ROUNDS = 4
const ROUND_MS = 3_000
// A worker needs some memory before it has called anybody often.
const WARM_UP_ROUNDS = 5
const SHORTEST_ROUND_MS = 200
const MEMORY_SAMPLE_MS = 20
const MOST_TIMES_SLOWER = 2
const MOST_GROWTH_BYTES = 64e6
const HOSTILE = 'hostile'

/** What was seen of the good servers and the worker during an attack, and of the good servers just before. */
interface Observation {
  attack: Attack
  calm: LoadRound
  hostile: LoadRound
  /** How much memory the worker had more than at the start, at most. */
  growthBytes: number
}

/** Promise P10: one bad server of twenty hurts nobody. Rounds without an attack differ a lot too, so what is judged is how much it hurts for certain. */
export const hostileRun: PromiseRun = {
  id: 'P10',
  title: 'one bad server of many hurts nobody',
  schedule: (plan) => [
    `${GOOD_SERVERS} good servers, ${CALLS_PER_SECOND} calls a second; one that attacks in every second round of ${roundMs(plan)} ms, seed ${plan.seed}:`,
    ...attackRounds(plan).map((attacks) => attacks.join(' · ')),
  ],
  run: async (plan, signal) => {
    await using stage = await PoolStage.start(entries())
    const clients = await Promise.all(goodServers().map((server) => stage.open(server)))
    await callSteadily(clients, { forMs: WARM_UP_ROUNDS * roundMs(plan), callsPerSecond: CALLS_PER_SECOND }, signal)
    using attacker = new Attacker()
    const arena = { stage, clients, attacker, startBytes: memoryOf(stage) }
    const observations: Observation[] = []
    for (const attack of attackRounds(plan).flat()) {
      plan.say(attack)
      observations.push(await observe(arena, { attack, forMs: roundMs(plan) }, signal))
    }
    describe(observations).forEach(plan.note)
    return promisesOf(observations)
  },
}

interface Arena {
  stage: PoolStage
  clients: readonly LineClient[]
  attacker: Attacker
  startBytes: number
}

async function observe(
  { stage, clients, attacker, startBytes }: Arena,
  { attack, forMs }: { attack: Attack; forMs: number },
  signal: AbortSignal,
): Promise<Observation> {
  const load = { forMs, callsPerSecond: CALLS_PER_SECOND }
  const calm = await callSteadily(clients, load, signal)
  let mostBytes = 0
  const sample = setInterval(() => {
    mostBytes = Math.max(mostBytes, memoryOf(stage))
  }, MEMORY_SAMPLE_MS)
  try {
    using _ = attacker.begin({ path: stage.socketOf(HOSTILE), attack, forMs })
    const hostile = await callSteadily(clients, load, signal)
    return { attack, calm, hostile, growthBytes: mostBytes - startBytes }
  } finally {
    clearInterval(sample)
    await unlessAborted(endAttack(stage, signal), signal)
  }
}

/** Ends the attack, and waits until the server is as good as any. */
async function endAttack(stage: PoolStage, signal: AbortSignal): Promise<void> {
  // In a short round it may not have started yet.
  await stage.processOf(HOSTILE).then(
    (pid) => process.kill(pid, 'SIGKILL'),
    () => {},
  )
  for (;;) {
    signal.throwIfAborted()
    const client = await stage.open(HOSTILE).catch(() => undefined)
    const answer = await client?.call('echo')
    client?.[Symbol.dispose]()
    if (answer?.result !== undefined) return
    await sleep(MEMORY_SAMPLE_MS)
  }
}

function promisesOf(observations: readonly Observation[]): ChaosPromise[] {
  const slower = ATTACKS.map((attack) => timesSlower(observations, attack).atLeast)
  const growth = observations.map(({ growthBytes }) => growthBytes)
  return [
    ...othersServed(observations.flatMap(({ calm, hostile }) => [calm, hostile])),
    {
      what: "others' p99, worst attack, at least",
      unit: 'ratio',
      must: MOST_TIMES_SLOWER,
      measured: Math.max(...slower),
    },
    { what: "the worker's memory grew by", unit: 'bytes', must: MOST_GROWTH_BYTES, measured: Math.max(...growth) },
  ]
}

function describe(observations: readonly Observation[]): string[] {
  const titles = ['attack', "others' calls", 'p50', 'p99', 'to calm', 'with 95 % certainty', 'memory']
  const columns = titles.map((title, index): Column => ({ title, align: index === 0 ? 'left' : 'right' }))
  const row = (title: string, rounds: readonly LoadRound[], more: readonly string[]) => {
    const times = rounds.flatMap((round) => round.times)
    const [p50, p99] = [percentile(times, 0.5), p99Of(rounds)].map(formatDuration)
    return [title, formatCount(times.length), p50 ?? '', p99 ?? '', ...more]
  }
  const attacked = ATTACKS.map((attack) => {
    const own = ofAttack(observations, attack)
    const growth = formatBytes(Math.max(...own.map(({ growthBytes }) => growthBytes)))
    const rounds = own.map(({ hostile }) => hostile)
    const { ratio, atLeast, atMost } = timesSlower(observations, attack)
    const range = `${formatRatio(atLeast)} to ${formatRatio(atMost)}`
    return row(attack, rounds, [formatRatio(ratio), range, `+ ${growth}`])
  })
  return renderTable(columns, [row('none', calmRounds(observations), []), ...attacked], PLAIN)
}

function timesSlower(observations: readonly Observation[], attack: Attack): RatioOfP99 {
  const rounds = ofAttack(observations, attack).map(({ hostile }) => hostile)
  return ratioOfP99(rounds, calmRounds(observations))
}

function calmRounds(observations: readonly Observation[]): LoadRound[] {
  return observations.map(({ calm }) => calm)
}

function ofAttack(observations: readonly Observation[], attack: Attack): Observation[] {
  return observations.filter((one) => one.attack === attack)
}

function goodServers(): string[] {
  return Array.from({ length: GOOD_SERVERS }, (_, index) => `good-${index}`)
}

function entries(): Record<string, object> {
  const good = goodServers().map((server) => [server, fixtureEntry('well-behaved')] as const)
  return { [HOSTILE]: fixtureEntry('hostile', [], RISES_AT_ONCE), ...Object.fromEntries(good) }
}

function roundMs({ scale }: RunPlan): number {
  return Math.max(SHORTEST_ROUND_MS, Math.round(ROUND_MS * scale))
}

function attackRounds({ seed, scale }: RunPlan): Attack[][] {
  const random = seededRandom(seed)
  return Array.from({ length: Math.ceil(ROUNDS * scale) }, () => shuffled(ATTACKS, random))
}

function memoryOf({ worker }: PoolStage): number {
  return residentBytes(worker.program.pid) ?? Number.NaN
}
