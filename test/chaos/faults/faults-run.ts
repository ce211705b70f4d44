import { setTimeout as sleep } from 'node:timers/promises'
import { unlessAborted } from '../../../shared/deadline.ts'
import { formatCount, formatDuration } from '../../bench/format.ts'
import { OutcomeBooks } from '../pool/outcome-books.ts'
import { type PromiseRun, type RunPlan, sizeOf } from '../pool/promise-run.ts'
import { type ChaosPromise, none } from '../promises.ts'
import { seededRandom } from '../seeded-random.ts'
import { type DrawnFault, describeFault, drawFaults } from './draw-fault.ts'
import { FRONT_SEAM } from './front-seam.ts'
import { REMOTE_SEAM } from './remote-seam.ts'
import type { Seam, SeamKind } from './seam.ts'
import { SELECTOR_SEAM } from './selector-seam.ts'

const SEAMS: readonly SeamKind[] = [REMOTE_SEAM, FRONT_SEAM, SELECTOR_SEAM]
/** At each seam; in a short run one of each kind. */
const FAULTS = 400
const FEWEST_FAULTS = 8
const CALLS_EACH = 3
const ANSWER_DEADLINE_MS = 60_000
const WAY_BACK_DEADLINE_MS = 60_000
const POLL_MS = 50

/** Faults of the network at each place where two programs talk: what clients are told, and what was done. */
export const faultsRun: PromiseRun = {
  id: 'faults',
  title: 'a bad connection costs one clear error at most',
  schedule: (plan) => [
    `${SEAMS.length} seams, ${formatCount(sizeOf(FAULTS, plan, FEWEST_FAULTS))} faults of ${FEWEST_FAULTS} kinds at each, ${CALLS_EACH} calls under each and one after it, seed ${plan.seed}:`,
    ...SEAMS.map(
      (kind) => `${kind.title}: ${drawn(kind, plan).slice(0, FEWEST_FAULTS).map(describeFault).join(' · ')}`,
    ),
  ],
  run: async (plan, signal) => {
    const promises: ChaosPromise[] = []
    for (const kind of SEAMS) promises.push(...(await disturb(kind, plan, signal)))
    return promises
  },
}

async function disturb(kind: SeamKind, plan: RunPlan, signal: AbortSignal): Promise<ChaosPromise[]> {
  await using seam = await kind.open(plan.seed)
  const books = new OutcomeBooks()
  const waysBack: number[] = []
  const faults = drawn(kind, plan)
  for (const [round, fault] of faults.entries()) {
    plan.say(`${kind.title}: ${formatCount(round)} of ${formatCount(faults.length)}, ${describeFault(fault)}`)
    await callUnder(fault, { seam, books, round }, signal)
    waysBack.push(await wayBack({ seam, books, round }, signal))
  }
  plan.note(
    ` ${kind.title}: ${JSON.stringify(books.counts())}, longest way back ${formatDuration(Math.max(...waysBack))}`,
  )
  const isLost = (ms: number) => !Number.isFinite(ms)
  const named = (promise: ChaosPromise) => ({ ...promise, what: `${kind.title}: ${promise.what}` })
  return [
    ...books.promises(await seam.executed(), seam.strays()),
    none('no call works afterwards', waysBack.filter(isLost).length),
  ].map(named)
}

interface Round {
  readonly seam: Seam
  readonly books: OutcomeBooks
  readonly round: number
}

/** Makes calls while the fault is there, and takes it away when all have their outcome or none comes any more. */
async function callUnder({ fault, direction }: DrawnFault, { seam, books, round }: Round, signal: AbortSignal) {
  seam.proxy.inflict(fault, direction)
  const calls = Array.from({ length: CALLS_EACH }, (_, number) => make({ seam, books, round }, `under ${number}`))
  const over = new AbortController()
  const late = sleep(ANSWER_DEADLINE_MS, undefined, { signal: over.signal }).catch(() => {})
  await unlessAborted(Promise.race([Promise.all(calls), late]), signal).finally(() => over.abort())
  seam.proxy.heal()
}

/** Milliseconds until a call is answered again; infinite where none is. */
async function wayBack(round: Round, signal: AbortSignal): Promise<number> {
  const healedAt = performance.now()
  for (let number = 0; performance.now() - healedAt < WAY_BACK_DEADLINE_MS; number++) {
    if (await unlessAborted(make(round, `after ${number}`), signal)) return performance.now() - healedAt
    await sleep(POLL_MS, undefined, { signal })
  }
  return Number.POSITIVE_INFINITY
}

/** Makes a call and books it. Resolves with whether it was answered. */
async function make({ seam, books, round }: Round, which: string): Promise<boolean> {
  const token = `call ${round} ${which}`
  books.made(token)
  const answer = await seam.call(token)
  books.settled(token, answer)
  return answer.error === undefined
}

function drawn(kind: SeamKind, plan: RunPlan): DrawnFault[] {
  return drawFaults(kind, sizeOf(FAULTS, plan, FEWEST_FAULTS), seededRandom(plan.seed + SEAMS.indexOf(kind)))
}
