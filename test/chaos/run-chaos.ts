import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { warmCatalogue } from '../support/example-servers.ts'
import { findFreePort } from '../support/free-port.ts'
import { FrontProcess } from '../support/front-process.ts'
import { residentBytes } from '../support/process-memory.ts'
import { childrenOf, processesMentioning } from '../support/processes.ts'
import { createTemporaryHome, type TemporaryHome } from '../support/temporary-home.ts'
import { untilNone } from '../support/until-none.ts'
import { Accountant, type Ledger } from './accountant.ts'
import { OneShotCensus } from './one-shot-census.ts'
import { type ChaosPlan, makeCalls } from './open-loop.ts'
import { type ScheduledFault, scheduleFaults } from './schedule.ts'
import { TormentedWorker } from './tormented-worker.ts'
import { type ChaosCall, toFrame } from './traffic.ts'
import { WayBack, type WaysBack } from './way-back.ts'

/** What a run has shown. Memory is in bytes. */
export interface ChaosOutcome {
  ledger: Ledger
  waysBack: WaysBack
  mostOneShots: number
  workerStarts: number
  /** Processes of the run that were still there when everybody had left, zombies of the front included. */
  leftBehind: number
  frontMemory: { before: number | undefined; after: number | undefined }
}

interface ChaosOptions {
  plan: ChaosPlan
  /** How long the front has for a call, where that is not what it has by itself: a slow machine falls behind an even rate. */
  requestTimeoutMs?: number
  /** The `PATH` of what is started. */
  searchPath: string
  onProgress: (progress: { sent: number; open: number }) => void
}

const REQUEST_TIMEOUT_MS = 30_000
// Above the front's deadline for a call, after which there is no hope for an answer.
const LATEST_ANSWER_MS = 5_000
const CALL_AGAIN_MS = 100
const LEAVE_GRACE_MS = 30_000
const PROGRESS_EVERY_CALLS = 100
const now = () => performance.now()

/** The faults of a plan, as they will happen. */
export function faultsOf({ calls, callsPerSecond, seed }: ChaosPlan): ScheduledFault[] {
  return scheduleFaults(seed, (calls / callsPerSecond) * 1_000)
}

/** Calls find_tools through one front, whatever the answers do, while its worker is killed and stopped. */
export async function runChaos(options: ChaosOptions, signal: AbortSignal): Promise<ChaosOutcome> {
  await using home = await createTemporaryHome(options.searchPath)
  await warmCatalogue(home)
  const { leftBehind, ...outcome } = await torment(home, options, signal)
  const left = await untilNone(() => processesMentioning(home.path).length, LEAVE_GRACE_MS)
  return { ...outcome, leftBehind: leftBehind + left }
}

async function torment(home: TemporaryHome, options: ChaosOptions, signal: AbortSignal) {
  const { plan, onProgress, requestTimeoutMs = REQUEST_TIMEOUT_MS } = options
  const accountant = new Accountant()
  const wayBack = new WayBack()
  const port = await findFreePort()
  await using worker = await TormentedWorker.start({ port, program: inHome(home, 'worker'), wayBack, now })
  await using front = await FrontProcess.start(
    inHome(home, 'front', {
      WORKER_SERVICE_URL: `http://127.0.0.1:${port}`,
      WORKER_REQUEST_TIMEOUT_MS: String(requestTimeoutMs),
    }),
    (line) => {
      if (accountant.received(line, now()) === 'worker') wayBack.workerAnswered(now())
    },
  )
  const frontPid = front.program.pid
  using census = new OneShotCensus(frontPid)
  const before = residentBytes(frontPid)
  const call = (one: ChaosCall) => {
    accountant.sent(one, now())
    front.send(toFrame(one))
    if (one.id % PROGRESS_EVERY_CALLS === 0) onProgress({ sent: one.id, open: accountant.openCalls })
  }
  await together(signal, (either) => [
    makeCalls(plan, { call, now }, either),
    worker.suffer(faultsOf(plan), now(), either),
  ])
  // Where everything takes long, no call may have come back to the worker between two faults.
  for (let id = plan.calls; wayBack.close().times.length === 0; id++) {
    call({ id, query: 'read a text file', agentId: 'the-last' })
    await sleep(CALL_AGAIN_MS, undefined, { signal })
  }
  await untilNone(() => accountant.openCalls, requestTimeoutMs + LATEST_ANSWER_MS)
  return {
    ledger: accountant.close(),
    waysBack: wayBack.close(),
    mostOneShots: census.most,
    workerStarts: worker.starts,
    frontMemory: { before, after: residentBytes(frontPid) },
    // Zombies among them: what ended must have been waited for.
    leftBehind: await untilNone(() => childrenOf(frontPid).length, LEAVE_GRACE_MS),
  }
}

function inHome({ path, variables }: TemporaryHome, name: string, more: Record<string, string> = {}) {
  return { variables: { ...variables, ...more }, stderrPath: join(path, `${name}.log`) }
}

/** Waits for all of them; when one fails the others are told to stop. */
async function together(signal: AbortSignal, start: (either: AbortSignal) => Promise<void>[]): Promise<void> {
  const over = new AbortController()
  try {
    await Promise.all(start(AbortSignal.any([signal, over.signal])))
  } finally {
    over.abort()
  }
}
