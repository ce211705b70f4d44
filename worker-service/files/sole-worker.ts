import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { ServiceError } from '../../shared/errors/service-error.ts'
import { writePrivateFile } from '../../shared/files/atomic-file.ts'
import { holdLock } from '../../shared/files/kernel-lock.ts'
import { ensurePrivateFolder } from '../../shared/files/private-folder.ts'
import { readWorkerRecord, type WorkerRecord, workerRecordPath } from '../../shared/worker-record.ts'

/** The right to be the worker of a runtime folder. Disposing gives it back. */
export interface SoleWorker extends AsyncDisposable {
  /** Says in the folder who the worker is and where it is met. */
  announce(record: WorkerRecord): Promise<void>
}

/** Makes this process the worker of a runtime folder. Throws `server_unavailable`, naming the one that is, where there is one. */
export async function becomeSoleWorker(runtimeFolder: string): Promise<SoleWorker> {
  ensurePrivateFolder(runtimeFolder)
  const lock = await holdLock({ path: join(runtimeFolder, 'worker.lock'), byte: 0 })
  if (lock === undefined) throw new ServiceError('server_unavailable', describeOther(readWorkerRecord(runtimeFolder)))
  const recordPath = workerRecordPath(runtimeFolder)
  // What a killed worker said of itself is not true of this one.
  await rm(recordPath, { force: true })
  return {
    announce: (record) => writePrivateFile(recordPath, `${JSON.stringify(record)}\n`),
    async [Symbol.asyncDispose]() {
      await rm(recordPath, { force: true })
      await lock[Symbol.asyncDispose]()
    },
  }
}

function describeOther(other: WorkerRecord | undefined): string {
  const remedy = 'or give this one another configuration (PILOTLIGHT_CONFIG).'
  if (other === undefined) return `Another worker of this configuration is starting or ending. Try again, ${remedy}`
  const { pid, started_at: startedAt, url } = other
  return `Another worker of this configuration runs: process ${pid}, since ${startedAt}, on ${url}. Stop it (kill ${pid}), ${remedy}`
}
