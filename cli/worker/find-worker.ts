import { type Environment, workerUrl } from '../../shared/environment.ts'
import { ServiceError } from '../../shared/errors/service-error.ts'
import { WorkerClient } from '../../shared/worker-client/worker-client.ts'
import { readWorkerToken } from '../../shared/worker-client/worker-token.ts'
import type { CommandContext } from '../command.ts'
import type { Send, WhenAway } from './worker-access.ts'
import { nobodyServes } from './worker-events.ts'

/** Finds the worker where none is on the socket of this user, or starts it. Throws `server_unavailable` with what to do about it. */
export async function findWorker({ environment, signal }: CommandContext, whenAway: WhenAway): Promise<Send> {
  const found = environment()
  if (found.worker.url !== undefined) return overHttp(found, signal)
  signal.throwIfAborted()
  throw new ServiceError('server_unavailable', nobodyServes(found.configPath))
}

function overHttp(environment: Environment, signal: AbortSignal): Send {
  const url = workerUrl(environment)
  const client = new WorkerClient({ url, readToken: () => readWorkerToken(environment.worker) })
  return (request) => client.request({ ...request, fresh: true }, signal)
}
