import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { createTemporaryHome } from './temporary-home.ts'

/** Somebody on a Unix socket in a folder of its own. */
export interface ListeningSocket extends AsyncDisposable {
  readonly path: string
  /** All that clients have sent. */
  received(): string
  /** How many connections are open. */
  open(): number
}

/** Listens, and does with each connection what `answer` says, once something has come over it. */
export async function listenOnSocket(answer: (socket: Socket) => void): Promise<ListeningSocket> {
  const home = await createTemporaryHome('')
  const path = join(home.path, 'some.sock')
  const connections = new Set<Socket>()
  let received = ''
  const server = createServer((socket) => {
    connections.add(socket)
    socket.on('close', () => connections.delete(socket))
    socket.on('error', () => {})
    socket.on('data', (bytes) => (received += String(bytes)))
    socket.once('data', () => answer(socket))
  })
  await new Promise<void>((resolve) => server.listen(path, resolve))
  return {
    path,
    received: () => received,
    open: () => connections.size,
    async [Symbol.asyncDispose]() {
      for (const socket of connections) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
      await home[Symbol.asyncDispose]()
    },
  }
}
