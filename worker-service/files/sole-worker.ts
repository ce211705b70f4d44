import { rm } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { ServiceError } from '../../shared/errors/service-error.ts'
import { writePrivateFile } from '../../shared/files/atomic-file.ts'
import { holdLock } from '../../shared/files/kernel-lock.ts'
import { ensurePrivateFolder } from '../../shared/files/private-folder.ts'
import { lookForWorker } from '../../shared/worker-presence.ts'
import {
  describeWorker,
  readWorkerRecord,
  type WorkerRecord,
  workerLockPath,
  workerRecordPath,
} from '../../shared/worker-record.ts'

/** The right to be the worker of a runtime folder. Disposing gives it back. */
export interface SoleWorker extends AsyncDisposable {
  /** Says in the folder who the worker is and where it is met. */
  announce(record: WorkerRecord): Promise<void>
  /** Takes that back: whoever looks for a worker from now on waits for the next. */
  retract(): Promise<void>
}

const POLL_MS = 20
const NEVER = new AbortController().signal

/**
 * Makes this process the worker of a runtime folder; one that is about to end is waited for, as long as `patienceMs`. Throws
 * `server_unavailable`, naming the one that is the worker, where there is one.
 */
export async function becomeSoleWorker(runtimeFolder: string, patienceMs: number): Promise<SoleWorker> {
  ensurePrivateFolder(runtimeFolder)
  const lock = await lockOf(runtimeFolder, patienceMs)
  const recordPath = workerRecordPath(runtimeFolder)
  const retract = () => rm(recordPath, { force: true })
  // What a killed worker said of itself is not true of this one.
  await retract()
  return {
    announce: (record) => writePrivateFile(recordPath, `${JSON.stringify(record)}\n`),
    retract,
    async [Symbol.asyncDispose]() {
      await retract()
      await lock[Symbol.asyncDispose]()
    },
  }
}

async function lockOf(runtimeFolder: string, patienceMs: number): Promise<AsyncDisposable> {
  for (let waitedMs = 0; ; waitedMs += POLL_MS) {
    const lock = await holdLock({ path: workerLockPath(runtimeFolder), byte: 0 })
    // By its socket: what is written may be of one that was killed, and a lock file that somebody removed is locked for nobody.
    const { state } = await lookForWorker(runtimeFolder, NEVER)
    if (lock !== undefined && state === 'nobody') return lock
    await lock?.[Symbol.asyncDispose]()
    const other = state === 'nobody' ? undefined : readWorkerRecord(runtimeFolder)
    if (state !== 'nobody' || waitedMs >= patienceMs) throw new ServiceError('server_unavailable', describe(other))
    await sleep(POLL_MS)
  }
}

function describe(other: WorkerRecord | undefined): string {
  const remedy = 'or give this one another configuration (PILOTLIGHT_CONFIG).'
  if (other === undefined) return `Another worker of this configuration is starting or ending. Try again, ${remedy}`
  return `Another worker of this configuration runs: ${describeWorker(other)}. Stop it (pilot service stop), ${remedy}`
}
