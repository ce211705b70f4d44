import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Environment } from './environment.ts'
import { ServiceError } from './errors/service-error.ts'
import { holdLock } from './files/kernel-lock.ts'
import { ensurePrivateFolder } from './files/private-folder.ts'
import { askToEnd, lookForWorker } from './worker-presence.ts'
import { readWorkerRecord, type WorkerRecord, workerLockPath } from './worker-record.ts'

/** What became of the worker: there was none, it ended as it was asked to, or it did not answer and was killed. */
export type StoppedWorker =
  | { readonly how: 'none' }
  | { readonly how: 'ended' | 'killed'; readonly record: WorkerRecord | undefined }

export interface StopOptions {
  /** How long to wait for its end, and again once it is killed, in milliseconds. */
  readonly patienceMs?: number
}

// Longer than a worker that drains takes.
const PATIENCE_MS = 10_000
const POLL_MS = 20

/**
 * Has the worker of this user and configuration finish what is in flight and waits for its end; one that does not answer is killed, if
 * it is proved to be the worker. Throws `server_unavailable` where it goes on, and the signal's reason.
 */
export async function stopWorker(
  environment: Environment,
  { patienceMs = PATIENCE_MS }: StopOptions,
  signal: AbortSignal,
): Promise<StoppedWorker> {
  if (environment.worker.url !== undefined) {
    const message = `The worker at ${environment.worker.url} is somebody else's to stop (WORKER_SERVICE_URL is set).`
    throw new ServiceError('server_unavailable', message)
  }
  const { runtime } = environment.folders
  ensurePrivateFolder(runtime)
  if (await isOver(runtime)) return { how: 'none' }
  const record = readWorkerRecord(runtime)
  if (await untilOver(runtime, patienceMs, signal)) return { how: 'ended', record }
  kill(runtime, record)
  if (await untilOver(runtime, patienceMs, signal)) return { how: 'killed', record }
  throw goesOn(record)
}

/** Whether nobody is the worker, by the lock that the kernel holds for it. */
async function isOver(runtimeFolder: string): Promise<boolean> {
  await using lock = await holdLock({ path: workerLockPath(runtimeFolder), byte: 0 })
  return lock !== undefined
}

async function untilOver(runtimeFolder: string, patienceMs: number, signal: AbortSignal): Promise<boolean> {
  const deadline = performance.now() + patienceMs
  let isAsked = false
  while (performance.now() < deadline) {
    if (await isOver(runtimeFolder)) return true
    // One that has only just begun to start does not answer yet.
    if (!isAsked && (await lookForWorker(runtimeFolder, signal)).state === 'answers') {
      await askToEnd(runtimeFolder, signal)
      isAsked = true
    }
    await sleep(POLL_MS, undefined, { signal })
  }
  return isOver(runtimeFolder)
}

function kill(runtimeFolder: string, record: WorkerRecord | undefined): void {
  if (record === undefined || !isLockHolder(record.pid, runtimeFolder)) throw goesOn(record)
  process.kill(record.pid, 'SIGKILL')
}

// What a file says may be of another process by now, or of another machine's. Only a worker has this very file open.
function isLockHolder(pid: number, runtimeFolder: string): boolean {
  try {
    const lock = statSync(workerLockPath(runtimeFolder))
    const folder = `/proc/${pid}/fd`
    return readdirSync(folder).some((file) => {
      const found = statSync(join(folder, file), { throwIfNoEntry: false })
      return found?.dev === lock.dev && found.ino === lock.ino
    })
  } catch {
    return false
  }
}

function goesOn(record: WorkerRecord | undefined): ServiceError {
  const who = record === undefined ? 'A worker' : `The worker (process ${record.pid})`
  const message = `${who} does not answer and does not end, and it cannot be proved that it may be killed. End it yourself.`
  return new ServiceError('server_unavailable', message)
}
