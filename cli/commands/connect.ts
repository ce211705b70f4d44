import { lstatSync, readdirSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { type ClientIntroduction, introductionLine } from '../../shared/client-introduction.ts'
import { SERVER_NAME } from '../../shared/contracts/server-name.ts'
import type { Environment } from '../../shared/environment.ts'
import { ServiceError } from '../../shared/errors/service-error.ts'
import { serverSocketFolder, serverSocketPath } from '../../shared/server-socket.ts'
import { whileParentLives } from '../../shared/while-parent-lives.ts'

/** The client's side: its frames in, its answers out. */
export interface ClientPipes {
  readonly input: NodeJS.ReadableStream & { destroy(): void }
  readonly output: NodeJS.WritableStream
}

/**
 * Carries bytes between a client and a pooled server's socket until one of them leaves, or the signal aborts. Rejects with
 * `unknown_server`, `server_unavailable` where no worker runs, or `connection_closed` where it went away before the client.
 */
export async function connectToServer(
  { server, environment }: { server: string; environment: Environment },
  pipes: ClientPipes,
  signal: AbortSignal,
): Promise<void> {
  const socket = await openSocket(server, environment)
  try {
    socket.write(introductionLine(introductionOf(environment)))
    await bridge(socket, pipes, signal)
  } finally {
    socket.destroy()
    pipes.input.destroy()
  }
}

function introductionOf({ client }: Environment): ClientIntroduction {
  const project = currentFolder()
  return { ...(project !== undefined && { project }), ...(client !== undefined && { client }) }
}

// Undefined where it was removed under us.
function currentFolder(): string | undefined {
  try {
    return process.cwd()
  } catch {
    return undefined
  }
}

async function openSocket(server: string, environment: Environment): Promise<Socket> {
  const { runtime } = environment.folders
  if (!SERVER_NAME.test(server))
    throw new ServiceError('unknown_server', `${JSON.stringify(server)} is no server's name.`)
  const path = serverSocketPath(runtime, server)
  try {
    checkOwner(path)
    return await opened(path)
  } catch (thrown) {
    if (ServiceError.is(thrown)) throw thrown
    const others = await servedNames(serverSocketFolder(runtime))
    if (others.length === 0) throw noWorker(environment, thrown)
    throw new ServiceError(
      'unknown_server',
      `There is no server ${JSON.stringify(server)}. There are: ${others.join(', ')}.`,
    )
  }
}

// What is sent there is not for other users.
function checkOwner(path: string): void {
  const { uid } = lstatSync(path)
  if (uid === process.getuid?.()) return
  throw new ServiceError('forbidden', `The socket ${path} belongs to user ${uid}. Remove it.`)
}

function opened(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path, allowHalfOpen: true }, () => resolve(socket))
    socket.once('error', reject)
  })
}

/** The servers of a worker that runs, by their sockets. */
async function servedNames(folder: string): Promise<string[]> {
  const sockets = filesIn(folder).filter((file) => file.endsWith('.sock'))
  const answering = await Promise.all(
    sockets.map(async (file) => {
      const socket = await opened(join(folder, file)).catch(() => undefined)
      socket?.destroy()
      return socket !== undefined
    }),
  )
  return sockets.filter((_, index) => answering[index]).map((file) => file.slice(0, -'.sock'.length))
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function noWorker({ configPath }: Environment, cause: unknown): ServiceError {
  const message = `No worker serves ${configPath}, and this command starts none. Run "pilot service run".`
  return new ServiceError('server_unavailable', message, { cause })
}

async function bridge(socket: Socket, { input, output }: ClientPipes, signal: AbortSignal): Promise<void> {
  const { promise: over, resolve: end, reject: fail } = Promise.withResolvers<void>()
  let clientLeft = false
  const gone = () => {
    clientLeft = true
    end()
  }
  const closed = () => {
    if (clientLeft) end()
    else fail(new ServiceError('connection_closed', 'The worker closed the connection.'))
  }
  // A client that was killed leaves its last calls behind: nobody reads the answers, and a pipe does not tell.
  using _ = whileParentLives(process.ppid, gone)
  signal.addEventListener('abort', () => end(), { once: true })
  output.on('error', gone)
  input.on('error', gone)
  input.on('end', () => {
    clientLeft = true
  })
  socket.on('error', closed)
  // Everything was read from it by now; what the client has not taken yet is waited for.
  socket.on('end', () => output.write('', closed))
  input.pipe(socket)
  socket.pipe(output, { end: false })
  await over
}
