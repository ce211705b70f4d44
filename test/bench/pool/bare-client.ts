import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { LineSplitter } from '../../../shared/line-splitter.ts'

const HELLO = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'bare', version: '1' } }
const MAX_LINE_BYTES = 64 * 1024 * 1024

/** An MCP client that is nothing but a socket, lines and `JSON.parse`. */
export class BareClient implements Disposable {
  readonly #socket: Socket
  readonly #waiting = new Map<number, (message: unknown) => void>()
  #lastId = 0

  private constructor(socket: Socket) {
    this.#socket = socket
    const splitter = new LineSplitter({ maxLineBytes: MAX_LINE_BYTES })
    socket.on('data', (chunk: Buffer) => {
      for (const line of splitter.push(chunk)) if (line.kind === 'line') this.#take(line.bytes)
    })
  }

  static async open(path: string): Promise<BareClient> {
    const socket = connect(path)
    await once(socket, 'connect')
    const client = new BareClient(socket)
    await client.ask('initialize', HELLO)
    socket.write('{"jsonrpc":"2.0","method":"notifications/initialized"}\n')
    return client
  }

  ask(method: string, params: object): Promise<unknown> {
    const id = ++this.#lastId
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve)
      this.#socket.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`)
    })
  }

  [Symbol.dispose](): void {
    this.#socket.destroy()
  }

  #take(line: Buffer): void {
    const message = JSON.parse(line.toString()) as { id: number }
    this.#waiting.get(message.id)?.(message)
    this.#waiting.delete(message.id)
  }
}
