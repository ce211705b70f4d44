import { type Environment, workerUrl } from '../../shared/environment.ts'
import { ServiceError } from '../../shared/errors/service-error.ts'
import { WorkerClient } from '../../shared/worker-client/worker-client.ts'
import { readWorkerToken } from '../../shared/worker-client/worker-token.ts'
import { readWorkerRecord } from '../../shared/worker-record.ts'
import type { CommandContext } from '../command.ts'
import type { Send } from './worker-access.ts'
import { nobodyServes } from './worker-events.ts'

const HEALTH_DEADLINE_MS = 500

/**
 * Finds the worker where none is at hand on the socket of this user: the one that somebody else runs, or one that is met at its address
 * alone. Throws `server_unavailable` with what to do about it where there is none.
 */
export async function findWorker({ environment, signal }: CommandContext): Promise<Send> {
  const found = environment()
  if (found.worker.url !== undefined) return overHttp(found, found.worker.url, signal)
  // A worker with another runtime folder is ours where we have its token.
  const url = readWorkerRecord(found.folders.runtime)?.url ?? workerUrl(found)
  const isOurs = readWorkerToken(found.worker) !== undefined
  if (isOurs && (await answers(url, signal))) return overHttp(found, url, signal)
  signal.throwIfAborted()
  throw new ServiceError('server_unavailable', nobodyServes(found.configPath))
}

function overHttp({ worker }: Environment, url: string, signal: AbortSignal): Send {
  const client = new WorkerClient({ url, readToken: () => readWorkerToken(worker) })
  return (request) => client.request({ ...request, fresh: true }, signal)
}

async function answers(url: string, signal: AbortSignal): Promise<boolean> {
  using client = new WorkerClient({ url, readToken: () => undefined })
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(HEALTH_DEADLINE_MS)])
  return client.health(deadline).then(
    () => true,
    () => false,
  )
}
