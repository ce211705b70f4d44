import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { unlessAborted } from '../../../shared/deadline.ts'
import type { Message } from '../../support/fake-servers.ts'
import { fixtureEntry } from '../../support/fixture-server.ts'
import { INSPECTABLE } from '../../support/inspector.ts'
import { LineClient } from '../../support/line-client.ts'
import { LiveMemory } from '../../support/live-memory.ts'
import { countHoldings, moreThan, type WorkerHoldings } from '../../support/worker-census.ts'
import { PoolStage } from '../pool/pool-stage.ts'
import type { PromiseRun, RunPlan } from '../pool/promise-run.ts'
import { callSteadily } from '../pool/steady-load.ts'
import type { ChaosPromise } from '../promises.ts'
import { seededRandom, shuffled } from '../seeded-random.ts'
import { BEHAVING, type Expected, FLOOD_MS, MISBEHAVIOURS, type Misbehaviour } from './misbehaviours.ts'

const GOOD = ['good-1', 'good-2', 'good-3']
/** How many there are at once, where there is less time. */
const AT_ONCE_WHEN_SHORT = 8
const LOAD = { forMs: 500, callsPerSecond: 100 }
const SETTLE_MS = 60_000
const POLL_MS = 50
const SHOWN_CHARACTERS = 160
/** What a call is refused with where its server cannot be started. */
const REFUSED = -32_010
/**
 * Of each server that was there once the names of its tools and the outcomes of its calls are remembered, a bounded number. So all have
 * come and gone once before anything is counted; where there is less time, good ones so often, and what lies in maps is not compared.
 */
const WARM_UPS = 3

/** One server after another that is bad in a way of its own among good ones: what its clients are told, and what is left of it. */
export const misbehaviourRun: PromiseRun = {
  id: 'servers',
  title: 'whatever a server does, its call has one clear outcome, and nothing of it stays',
  schedule: (plan) => [
    `${MISBEHAVIOURS.length} bad servers, ${atOnce(plan)} at a time among ${GOOD.length} good ones that are called meanwhile, in an order by seed ${plan.seed}.`,
    `When they are gone processes, zombies, descriptors, sockets, timers${isShort(plan) ? '' : ', maps'} and files must be what they were.`,
  ],
  run: async (plan, signal) => {
    await using arena = await Arena.open()
    const parts = inParts(shuffled(MISBEHAVIOURS, seededRandom(plan.seed)), atOnce(plan))
    const behaving = Array.from({ length: atOnce(plan) }, () => BEHAVING)
    for (const some of isShort(plan) ? Array<typeof behaving>(WARM_UPS).fill(behaving) : parts)
      await arena.endure(some, signal)
    await arena.rememberHoldings(isShort(plan) ? { entries: Number.POSITIVE_INFINITY } : {})
    const seen: Endured[] = []
    for (const some of parts) {
      plan.say(some.map(({ title }) => title).join(', '))
      seen.push(await arena.endure(some, signal))
    }
    seen.forEach(({ complaints }) => complaints.forEach((complaint) => plan.note(` ${complaint}`)))
    return promisesOf(seen)
  },
}

function isShort({ scale }: RunPlan): boolean {
  return scale < 1
}

function atOnce(plan: RunPlan): number {
  return isShort(plan) ? AT_ONCE_WHEN_SHORT : 1
}

function inParts<Thing>(things: readonly Thing[], size: number): Thing[][] {
  return Array.from({ length: Math.ceil(things.length / size) }, (_, part) =>
    things.slice(part * size, (part + 1) * size),
  )
}

/** What was seen of some bad servers. Complaints say what was not as it should be. */
interface Endured {
  readonly unclear: number
  /** How many kinds of things there are more of than before. */
  readonly left: number
  readonly failedOfOthers: number
  readonly complaints: readonly string[]
}

function promisesOf(seen: readonly Endured[]): ChaosPromise[] {
  const none = (what: string, countOf: (endured: Endured) => number) =>
    ({ what, unit: 'count', must: 0, measured: seen.reduce((sum, one) => sum + countOf(one), 0) }) as const
  return [
    none('bad servers whose call had another outcome', ({ unclear }) => unclear),
    none('kinds of things that stayed', ({ left }) => left),
    none('failed or unanswered calls of others', ({ failedOfOthers }) => failedOfOthers),
  ]
}

/** A worker with good servers that are called, to which a bad one comes and from which it goes. */
class Arena implements AsyncDisposable {
  readonly #stage: PoolStage
  readonly #memory: LiveMemory
  readonly #clients: readonly LineClient[]
  #before: WorkerHoldings | undefined

  private constructor(stage: PoolStage, memory: LiveMemory, clients: readonly LineClient[]) {
    this.#stage = stage
    this.#memory = memory
    this.#clients = clients
  }

  static async open(): Promise<Arena> {
    const stage = await PoolStage.start(entriesWith([]), INSPECTABLE)
    const memory = await LiveMemory.of(stage.worker.logPath)
    return new Arena(stage, memory, await Promise.all(GOOD.map((server) => stage.open(server))))
  }

  /** What the worker holds now is what it may hold after each bad server, or what is said here. */
  async rememberHoldings(allowed: Partial<WorkerHoldings>): Promise<void> {
    this.#before = { ...(await this.#holdings()), ...allowed }
  }

  /** Takes in bad servers, calls each while the others are called, and sends them away. */
  async endure(bad: readonly Misbehaviour[], signal: AbortSignal): Promise<Endured> {
    await this.#configure(bad, signal)
    const calls = Promise.all(bad.map((one, index) => this.#complaintsOf(one, nameOf(index))))
    const others = callSteadily(this.#clients, LOAD, signal)
    const [complaints, { failed, unanswered }] = await unlessAborted(Promise.all([calls, others]), signal)
    await this.#configure([], signal)
    const more = await this.#settled(signal)
    const left = Object.keys(more).length
    const titles = bad.map(({ title }) => title).join(', ')
    return {
      unclear: complaints.flat().length,
      left,
      failedOfOthers: failed + unanswered,
      complaints: [...complaints.flat(), ...(left === 0 ? [] : [`${titles}: left ${JSON.stringify(more)}`])],
    }
  }

  async #configure(bad: readonly Misbehaviour[], signal: AbortSignal): Promise<void> {
    const { worker } = this.#stage
    const mcpServers = entriesWith(bad)
    const expected = Object.keys(mcpServers).length
    await worker.reconfigure({ mcpServers, pool: { maxSize: expected + 1 } })
    const sockets = () => Object.keys(mcpServers).filter((name) => existsSync(this.#stage.socketOf(name))).length
    for (const count of [async () => (await worker.status()).servers.length, () => worker.listed(), sockets]) {
      while ((await count()) !== expected) await sleep(POLL_MS, undefined, { signal })
    }
  }

  /** Calls a bad server over a client of its own; what is not as expected, in a line. */
  async #complaintsOf({ title, tool, expected }: Misbehaviour, name: string): Promise<string[]> {
    const unasked: Message[] = []
    const call = async () => {
      using client = await LineClient.open(this.#stage.socketOf(name), (message) => unasked.push(message))
      return await client.call(tool, { forMs: FLOOD_MS })
    }
    // Where it cannot be started, its client is told so in answer to initialize.
    const answer = await call().catch(
      (thrown: Error): Message => ({ error: { code: REFUSED, message: thrown.message } }),
    )
    const second = unasked.find(({ method }) => method === undefined)
    const seen = isExpected(answer, expected) ? [] : [answer]
    return [...seen, ...(second === undefined ? [] : [second])].map(
      (message) => `${title}: ${JSON.stringify(message).slice(0, SHOWN_CHARACTERS)}`,
    )
  }

  /** What the worker holds more than it did, once that has settled. */
  async #settled(signal: AbortSignal) {
    const before = this.#before
    if (before === undefined) return {}
    const deadline = performance.now() + SETTLE_MS
    for (;;) {
      const more = moreThan(before, await this.#holdings())
      if (Object.keys(more).length === 0 || performance.now() > deadline) return more
      await sleep(POLL_MS, undefined, { signal })
    }
  }

  #holdings(): Promise<WorkerHoldings> {
    const { worker } = this.#stage
    return countHoldings(worker.program.pid, this.#memory, worker.runtime)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#memory[Symbol.dispose]()
    await this.#stage[Symbol.asyncDispose]()
  }
}

function isExpected({ result, error }: Message, expected: Expected): boolean {
  if (expected === 'answered') return result !== undefined
  return error?.code === expected.code && expected.says.test(error.message)
}

function entriesWith(bad: readonly Misbehaviour[]): Record<string, object> {
  const good = GOOD.map((server) => [server, fixtureEntry('well-behaved')] as const)
  return Object.fromEntries([...good, ...bad.map(({ entry }, index) => [nameOf(index), entry] as const)])
}

function nameOf(index: number): string {
  return `bad-${index}`
}
