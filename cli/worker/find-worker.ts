import { deadlineAfter } from '../../shared/deadline.ts'
import { type Environment, workerUrl } from '../../shared/environment.ts'
import { ServiceError } from '../../shared/errors/service-error.ts'
import { controlSocketPath } from '../../shared/server-socket.ts'
import { describeStart, startWorker } from '../../shared/start-worker.ts'
import { WorkerClient } from '../../shared/worker-client/worker-client.ts'
import { readWorkerToken } from '../../shared/worker-client/worker-token.ts'
import type { CommandContext } from '../command.ts'
import { isTerminal } from '../output/is-terminal.ts'
import { CLEAR_LINE } from '../output/spinner.ts'
import { quickRequest } from './quick-request.ts'
import type { Send, WhenAway } from './worker-access.ts'
import { nobodyServes } from './worker-events.ts'
import { WORKER_MISSING } from './worker-missing.ts'

const HEALTH_DEADLINE_MS = 500

/**
 * Finds the worker where none is at hand on the socket of this user: the one that somebody else runs, or one that is met at its address
 * alone; else starts one and says so. Throws `server_unavailable` where there is none, with what to do about it.
 */
export async function findWorker(context: CommandContext, whenAway: WhenAway): Promise<Send> {
  const { signal } = context
  const environment = context.environment()
  if (environment.worker.url !== undefined) return overHttp(environment, environment.worker.url, signal)
  if (whenAway === 'start') return start(environment, context)
  const url = workerUrl(environment)
  // One with another runtime folder is ours where we have its token.
  const isOurs = readWorkerToken(environment.worker) !== undefined
  if (isOurs && (await answers(url, signal))) return overHttp(environment, url, signal)
  signal.throwIfAborted()
  throw new ServiceError('server_unavailable', nobodyServes(environment.configPath))
}

async function start(environment: Environment, context: CommandContext): Promise<Send> {
  try {
    const { variables, signal } = context
    const found = await startWorker({ environment, variables, mode: 'on-demand' }, signal)
    const news = describeStart(found)
    if (news !== undefined) context.tell(`${isTerminal(2) ? CLEAR_LINE : ''}pilot: ${news}\n`)
  } catch (thrown) {
    const error = ServiceError.from(thrown)
    if (error.code !== 'server_unavailable') throw error
    throw new ServiceError(error.code, error.message, { cause: error, details: WORKER_MISSING })
  }
  const path = controlSocketPath(environment.folders.runtime)
  return (request) => quickRequest(path, request, () => context.signal)
}

function overHttp({ worker }: Environment, url: string, signal: AbortSignal): Send {
  const client = new WorkerClient({ url, readToken: () => readWorkerToken(worker) })
  return (request) => client.request({ ...request, fresh: true }, signal)
}

async function answers(url: string, signal: AbortSignal): Promise<boolean> {
  using client = new WorkerClient({ url, readToken: () => undefined })
  using deadline = deadlineAfter(HEALTH_DEADLINE_MS, new Error('GET /health was not answered in time'))
  return await client.health(AbortSignal.any([signal, deadline.signal])).then(
    () => true,
    () => false,
  )
}
