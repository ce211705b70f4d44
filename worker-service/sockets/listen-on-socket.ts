import { randomBytes } from 'node:crypto'
import { lstat, readdir, rename, rm } from 'node:fs/promises'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { dirname, join } from 'node:path'
import { messageOf } from '../../shared/errors/message-of.ts'
import { ServiceError } from '../../shared/errors/service-error.ts'
import { isNobodyListening } from '../../shared/errors/system-code.ts'

/** A Unix socket that is listened on. Disposing takes no more connections and removes the socket, if it is still this one. */
export interface SocketListener extends AsyncDisposable {
  readonly path: string
}

const BACKLOG = 512
const PROBE_DEADLINE_MS = 1_000

/**
 * Listens on a path. What a dead worker left there is replaced; where somebody answers it is left alone and `server_unavailable` thrown.
 * Between the question and the replacement nobody else may do the same: hold a lock.
 */
export function listenOnSocket(path: string, onConnection: (socket: Socket) => void): Promise<SocketListener> {
  // The client's end of its sending is not the end of ours: it still waits for answers.
  return putOnSocket(createServer({ allowHalfOpen: true }, onConnection), path)
}

/** As {@link listenOnSocket}, with a server that listens on nothing yet. */
export async function putOnSocket(server: Server, path: string): Promise<SocketListener> {
  if (await somebodyAnswers(path)) {
    const remedy = 'Stop it, or give this one another configuration (PILOTLIGHT_CONFIG).'
    throw new ServiceError('server_unavailable', `Another worker listens on ${path}. ${remedy}`)
  }
  // Node removes whatever stands at the path it was told when it closes, a successor's socket too; at this name there will be nothing.
  const draft = join(dirname(path), `.${randomBytes(8).toString('hex')}`)
  await listening(server, draft)
  try {
    const { dev, ino } = await lstat(draft)
    await rename(draft, path)
    return { path, [Symbol.asyncDispose]: () => close(server, path, { dev, ino }) }
  } catch (thrown) {
    server.close()
    throw cannotListen(path, thrown)
  }
}

/** Whether a living process listens there. A path with nothing behind it, or one whose worker was killed, does not answer. */
export function somebodyAnswers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    const answer = (isThere: boolean) => {
      socket.destroy()
      resolve(isThere)
    }
    socket.once('connect', () => answer(true))
    // A socket whose queue is full (EAGAIN) has somebody behind it who is busy or stopped, and so has one that is not for us.
    socket.once('error', (error) => answer(!isNobodyListening(error)))
    socket.setTimeout(PROBE_DEADLINE_MS, () => answer(true))
  })
}

/** Removes the sockets of a folder behind which there is nobody, those that never got their place too. Hold the lock of whoever listens there. */
export async function removeDeadSockets(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isSocket() && !(await somebodyAnswers(path))) await rm(path, { force: true })
  }
}

function listening(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => reject(cannotListen(path, cause)))
    server.listen({ path, backlog: BACKLOG }, resolve)
  })
}

async function close(server: Server, path: string, own: { dev: number; ino: number }): Promise<void> {
  const found = await lstat(path).catch(() => undefined)
  if (found?.dev === own.dev && found.ino === own.ino) await rm(path, { force: true })
  // Connections that are open go on; whoever opened them closes them.
  server.close()
}

function cannotListen(path: string, cause: unknown): ServiceError {
  return new ServiceError('server_unavailable', `Cannot listen on the socket ${path}: ${messageOf(cause)}`, { cause })
}
