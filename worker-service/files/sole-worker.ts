import { existsSync, type FSWatcher, watch } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ServiceError } from '../../shared/errors/service-error.ts'
import { writePrivateFile } from '../../shared/files/atomic-file.ts'
import { type HeldLock, holdLock } from '../../shared/files/kernel-lock.ts'
import { ensurePrivateFolder } from '../../shared/files/private-folder.ts'
import { controlSocketPath } from '../../shared/server-socket.ts'
import { lookForWorker } from '../../shared/worker-presence.ts'
import {
  describeWorker,
  readWorkerRecord,
  type WorkerRecord,
  workerLockPath,
  workerRecordPath,
} from '../../shared/worker-record.ts'

const POLL_MS = 20
// Whoever removes a folder removes first what is in it, and is not to be disturbed.
const QUIET_MS = 100
const NEVER = new AbortController().signal
// What a worker that was killed had not yet put in its place.
const DRAFT = /^worker\.json\..+\.tmp$/

/**
 * Makes this process the worker of a runtime folder; one that is about to end is waited for, as long as `patienceMs`. Throws
 * `server_unavailable`, naming the one that is the worker, where there is one.
 */
export async function becomeSoleWorker(runtimeFolder: string, patienceMs: number): Promise<SoleWorker> {
  ensurePrivateFolder(runtimeFolder)
  const lock = await lockOf(runtimeFolder, patienceMs)
  // What a killed worker said of itself is not true of this one.
  await rm(workerRecordPath(runtimeFolder), { force: true })
  const drafts = (await readdir(runtimeFolder)).filter((name) => DRAFT.test(name))
  await Promise.all(drafts.map((name) => rm(join(runtimeFolder, name), { force: true })))
  return new SoleWorker(runtimeFolder, lock)
}

/** The right to be the worker of a runtime folder. Disposing gives it back. */
export class SoleWorker implements AsyncDisposable {
  readonly #folder: string
  readonly #lock: HeldLock
  #record: WorkerRecord | undefined
  #watchers: FSWatcher[] = []
  #timer: NodeJS.Timeout | undefined

  constructor(folder: string, lock: HeldLock) {
    this.#folder = folder
    this.#lock = lock
  }

  /**
   * Says in the folder who the worker is and where it is met, and again if somebody removes that. Where the lock or the control socket is
   * removed, nobody finds this worker and nothing keeps another from taking its place: `lost` is called, and it has to end.
   */
  async announce(record: WorkerRecord, lost: () => void): Promise<void> {
    if (!this.#lock.isInPlace()) return lost()
    this.#record = record
    await this.#write(record)
    const look = () => {
      this.#timer ??= setTimeout(() => this.#look(lost), QUIET_MS).unref()
    }
    const folders = new Set([this.#folder, dirname(controlSocketPath(this.#folder))])
    this.#watchers = [...folders].flatMap((folder) => watchFolder(folder, look))
    // What was removed before is told of by nobody.
    look()
  }

  /** Takes that back: whoever looks for a worker from now on waits for the next. What another one says of itself stays. */
  async retract(): Promise<void> {
    clearTimeout(this.#timer)
    for (const watcher of this.#watchers) watcher.close()
    const isThere = this.#isRecordThere()
    this.#record = undefined
    if (isThere) await rm(workerRecordPath(this.#folder), { force: true })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.retract()
    await this.#lock[Symbol.asyncDispose]()
  }

  #look(lost: () => void): void {
    this.#timer = undefined
    if (this.#record === undefined) return
    if (!this.#lock.isInPlace() || !existsSync(controlSocketPath(this.#folder))) return lost()
    // Where there is no room for it, the worker is found all the same, by its socket.
    if (!this.#isRecordThere()) void this.#write(this.#record).catch(() => {})
  }

  #isRecordThere(): boolean {
    const found = readWorkerRecord(this.#folder)
    return found !== undefined && found.pid === this.#record?.pid && found.started_at === this.#record.started_at
  }

  #write(record: WorkerRecord): Promise<void> {
    return writePrivateFile(workerRecordPath(this.#folder), `${JSON.stringify(record)}\n`)
  }
}

// Where there are as many watchers as the system allows, nothing is noticed.
function watchFolder(folder: string, changed: () => void): FSWatcher[] {
  try {
    return [watch(folder, { persistent: false }, changed).on('error', changed)]
  } catch {
    return []
  }
}

async function lockOf(runtimeFolder: string, patienceMs: number): Promise<HeldLock> {
  for (let waitedMs = 0; ; waitedMs += POLL_MS) {
    const lock = await holdLock({ path: workerLockPath(runtimeFolder), byte: 0 })
    // By its socket: what is written may be of one that was killed, and a lock file that somebody removed is locked for nobody.
    const { state } = await lookForWorker(runtimeFolder, NEVER)
    if (lock?.isInPlace() && state === 'nobody') return lock
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
