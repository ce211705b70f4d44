import { lstatSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { type ClientIntroduction, introductionLine } from '../shared/client-introduction.ts'
import { ServiceError } from '../shared/errors/service-error.ts'
import { FrameWriter } from '../shared/frame-writer.ts'
import { requestFrame } from '../shared/frames/frame-write.ts'
import { LineSplitter } from '../shared/line-splitter.ts'
import { readInSlabs } from '../shared/slab-reading.ts'
import { type Channel, type ChannelEvents, MAX_FRAME_BYTES } from './channel.ts'

/**
 * Opens a channel on a worker's socket and says who speaks there. Rejects with `forbidden` where the socket is another user's, with
 * `server_unavailable` where nobody listens.
 */
export async function openSocketChannel(
  path: string,
  introduction: ClientIntroduction,
  events: ChannelEvents,
): Promise<Channel> {
  return new SocketChannel(await openSocket(path), introduction, events)
}

/** Whether a worker that lives listens on a socket for all servers: it answers a ping on a connection of its own, whatever else it does. */
export async function answersPing(path: string, signal: AbortSignal): Promise<boolean> {
  const socket = await openSocket(path).catch(() => undefined)
  if (socket === undefined) return false
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const giveUp = () => resolve(false)
  signal.addEventListener('abort', giveUp, { once: true })
  socket.once('data', () => resolve(true))
  socket.once('error', giveUp)
  socket.once('close', giveUp)
  socket.write(`${requestFrame(1, 'ping').toString()}\n`)
  try {
    return !signal.aborted && (await promise)
  } finally {
    signal.removeEventListener('abort', giveUp)
    socket.destroy()
  }
}

class SocketChannel implements Channel {
  readonly #socket: Socket
  readonly #writer: FrameWriter
  #isOver = false

  constructor(socket: Socket, introduction: ClientIntroduction, events: ChannelEvents) {
    this.#socket = socket
    this.#writer = new FrameWriter(socket)
    const splitter = new LineSplitter({ maxLineBytes: MAX_FRAME_BYTES })
    const lost = () => {
      if (this.#isOver) return
      this.close()
      events.lost('The worker closed the connection.')
    }
    socket.on('data', (chunk: Buffer) => {
      for (const line of splitter.push(chunk)) {
        if (line.kind === 'line' && !this.#isOver) events.frame(line.bytes)
      }
    })
    socket.on('drain', () => events.drained())
    socket.on('error', lost)
    socket.on('end', lost)
    socket.on('close', lost)
    socket.write(introductionLine(introduction))
  }

  send(frame: Buffer): boolean {
    return this.#writer.write(frame)
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  close(): void {
    this.#isOver = true
    this.#socket.destroy()
  }
}

function openSocket(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    checkOwner(path)
    const socket = readInSlabs((onread) => connect({ path, onread }))
    socket.once('connect', () => {
      socket.removeAllListeners('error')
      resolve(socket)
    })
    socket.once('error', (cause) => reject(nobodyListens(path, cause)))
  })
}

// What is sent there is not for other users.
function checkOwner(path: string): void {
  const { uid } = statOf(path)
  if (uid === process.getuid?.()) return
  throw new ServiceError('forbidden', `The socket ${path} belongs to user ${uid}. Remove it.`)
}

function statOf(path: string): { uid: number } {
  try {
    return lstatSync(path)
  } catch (cause) {
    throw nobodyListens(path, cause)
  }
}

function nobodyListens(path: string, cause: unknown): ServiceError {
  return new ServiceError('server_unavailable', `Nobody listens on ${path}.`, { cause })
}
