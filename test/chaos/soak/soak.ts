import { readdirSync } from 'node:fs'
import { formatBytes, formatCount } from '../../bench/format.ts'
import { fixtureEntry } from '../../support/fixture-server.ts'
import { INSPECTABLE } from '../../support/inspector.ts'
import type { LineClient } from '../../support/line-client.ts'
import { type HeldMemory, LiveMemory } from '../../support/live-memory.ts'
import { residentBytes } from '../../support/process-memory.ts'
import { untilNone } from '../../support/until-none.ts'
import { PoolStage } from '../pool/pool-stage.ts'
import type { RunPlan } from '../pool/promise-run.ts'
import { seededRandom } from '../seeded-random.ts'
import { vanishAll } from './vanishing-clients.ts'

/** How much is done: so many calls, and clients that vanish meanwhile; or as much as so many minutes hold, at the same ratio. */
export interface SoakPlan {
  readonly calls: number
  readonly clients: number
  readonly minutes: number | undefined
  readonly seed: number
}

/** What the worker holds when so much has been done. Memory in bytes; `resident` is what the system counts (RSS). */
export interface SoakSample extends HeldMemory {
  readonly calls: number
  readonly clients: number
  readonly resident: number
  readonly descriptors: number
}

/** What was seen. `left` is what the worker still knows of clients and calls when all of them are gone. */
export interface SoakOutcome {
  /** The first one before anything was done, each other one when the clients had gone that were to vanish. */
  readonly samples: readonly SoakSample[]
  readonly failed: number
  readonly left: number
}

export const SOAK_SERVERS = ['one', 'two']
export const CALLERS_EACH = 4
export const CALLS_AT_ONCE = 16
const MOST_PARTS = 40
const FEWEST_PARTS = 8
const SMALL_PART_CALLS = 1_000
const LEAVE_MS = 10_000

/** In how many parts the work is done; what is held is measured after each. */
export function partsOf({ calls }: SoakPlan): number {
  return Math.min(MOST_PARTS, Math.max(FEWEST_PARTS, Math.round(calls / SMALL_PART_CALLS)))
}

/** Calls without end, and clients that vanish at any moment of a session; what the worker holds is measured again and again. */
export async function soak(plan: SoakPlan, say: RunPlan['say'], signal: AbortSignal): Promise<SoakOutcome> {
  const random = seededRandom(plan.seed)
  const entry = fixtureEntry('counting', [], { maxClients: 100 })
  await using stage = await PoolStage.start(Object.fromEntries(SOAK_SERVERS.map((name) => [name, entry])), INSPECTABLE)
  using memory = await LiveMemory.of(stage.worker.logPath)
  const callers = (await Promise.all(SOAK_SERVERS.map((server) => openCallers(stage, server)))).flat()
  const sockets = SOAK_SERVERS.map((server) => stage.socketOf(server))
  const parts = partsOf(plan)
  const part = { calls: Math.ceil(plan.calls / parts), clients: Math.ceil(plan.clients / parts) }
  const samples = [await takeSample({ stage, memory }, { calls: 0, clients: 0 })]
  let failed = 0
  let left = 0
  for (const goesOn = untilDone(plan); goesOn(samples.length - 1); ) {
    signal.throwIfAborted()
    const vanishing = vanishAll(sockets, part.clients, random)
    failed += await callAll(callers, part.calls)
    await vanishing
    left = await untilNone(() => stillKnown(stage, callers.length), LEAVE_MS)
    const done = { calls: samples.length * part.calls, clients: samples.length * part.clients }
    const sample = await takeSample({ stage, memory }, done)
    samples.push(sample)
    say(
      `${formatCount(done.calls)} calls, ${formatCount(done.clients)} clients gone, ${formatBytes(sample.heapUsed)} on the heap`,
    )
  }
  return { samples, failed, left }
}

function untilDone(plan: SoakPlan): (parts: number) => boolean {
  const { minutes } = plan
  const startedAt = performance.now()
  return minutes === undefined ? (done) => done < partsOf(plan) : () => performance.now() - startedAt < minutes * 60_000
}

function openCallers(stage: PoolStage, server: string): Promise<LineClient[]> {
  return Promise.all(Array.from({ length: CALLERS_EACH }, () => stage.open(server)))
}

/** Makes so many calls, each caller several at once. Resolves with how many failed. */
async function callAll(callers: readonly LineClient[], calls: number): Promise<number> {
  let left = calls
  let failed = 0
  const callOn = async (caller: LineClient) => {
    while (left-- > 0) if ((await caller.call('pid')).error !== undefined) failed++
  }
  await Promise.all(callers.flatMap((caller) => Array.from({ length: CALLS_AT_ONCE }, () => callOn(caller))))
  return failed
}

async function takeSample(
  { stage, memory }: { stage: PoolStage; memory: LiveMemory },
  done: Pick<SoakSample, 'calls' | 'clients'>,
): Promise<SoakSample> {
  const resident = residentBytes(stage.worker.program.pid) ?? Number.NaN
  return { ...done, ...(await memory.measure()), resident, descriptors: countDescriptors(stage) }
}

async function stillKnown({ worker }: PoolStage, callers: number): Promise<number> {
  const { counts } = (await worker.status()).service
  return counts.clients - callers + counts.in_flight
}

function countDescriptors({ worker }: PoolStage): number {
  return readdirSync(`/proc/${worker.program.pid}/fd`).length
}
