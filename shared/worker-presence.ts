import { dirname } from 'node:path'
import { fromErrorBody } from './contracts/error-body.ts'
import type { ServerStatus } from './contracts/server-status.ts'
import { deadlineAfter, forwardAborts } from './deadline.ts'
import { ServiceError } from './errors/service-error.ts'
import { isNobodyListening } from './errors/system-code.ts'
import { ensurePrivateFolder } from './files/private-folder.ts'
import { controlSocketPath } from './server-socket.ts'
import { WorkerClient } from './worker-client/worker-client.ts'

/** What is heard of a runtime folder's worker: it answers, somebody is there who does not, or nobody is there. */
export type WorkerPresence =
  | { readonly state: 'answers'; readonly version: string }
  | { readonly state: 'silent' | 'nobody' }

const HEALTH_DEADLINE_MS = 500

/**
 * Asks the worker of a runtime folder whether it lives, on the socket where nobody else can answer for it. Throws the signal's reason, and
 * `invalid_configuration` where the folder of the socket is not this user's alone.
 */
export async function lookForWorker(runtimeFolder: string, signal: AbortSignal): Promise<WorkerPresence> {
  using client = controlClient(runtimeFolder)
  using deadline = deadlineAfter(HEALTH_DEADLINE_MS, new Error('GET /health was not answered in time'))
  const giveUp = new AbortController()
  using _ = forwardAborts([signal, deadline.signal], giveUp)
  try {
    return { state: 'answers', version: await client.health(giveUp.signal) }
  } catch (thrown) {
    signal.throwIfAborted()
    return { state: isNobodyListening(ServiceError.from(thrown).cause) ? 'nobody' : 'silent' }
  }
}

/** Asks the worker of a runtime folder to finish what is in flight and to end. Resolves when it has heard, or is gone. */
export async function askToEnd(runtimeFolder: string, signal: AbortSignal): Promise<void> {
  using client = controlClient(runtimeFolder)
  await client.request({ method: 'POST', path: '/shutdown' }, signal).catch((thrown: unknown) => {
    if (!ServiceError.is(thrown) || thrown.code !== 'connection_closed') throw thrown
  })
}

/** What the worker of a runtime folder says of a server: what it does and why, or the error that there is none. Undefined where nobody answers. */
export async function askForServer(
  runtimeFolder: string,
  server: string,
): Promise<Pick<ServerStatus, 'state' | 'why'> | ServiceError | undefined> {
  using client = controlClient(runtimeFolder)
  using deadline = deadlineAfter(HEALTH_DEADLINE_MS, new Error('GET /servers was not answered in time'))
  try {
    const { status, body } = await client.request({ method: 'GET', path: `/servers/${server}` }, deadline.signal)
    const told: unknown = JSON.parse(body)
    return status === 200 ? (told as ServerStatus) : fromErrorBody(told)
  } catch {
    return undefined
  }
}

function controlClient(runtimeFolder: string): WorkerClient {
  const socketPath = controlSocketPath(runtimeFolder)
  ensurePrivateFolder(dirname(socketPath))
  return new WorkerClient({ url: 'http://localhost', socketPath, readToken: () => undefined })
}
