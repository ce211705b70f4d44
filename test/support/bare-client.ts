import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { LineSplitter } from '../../shared/line-splitter.ts'
import type { Message } from './fake-servers.ts'

const HELLO = { protocolVersion: '2025-11-25', clientInfo: { name: 'bare', version: '1' } }
const MAX_LINE_BYTES = 64 * 1024 * 1024

/** An MCP client that is nothing but a socket, lines and `JSON.parse`. */
export class BareClient implements Disposable {
  readonly #socket: Socket
  readonly #waiting = new Map<unknown, (message: Message) => void>()
  readonly #unasked: (message: Message) => void
  #lastId = 0

  private constructor(socket: Socket, unasked: (message: Message) => void) {
    this.#socket = socket
    this.#unasked = unasked
    // Who asks is told by what does not come.
    socket.on('error', () => {})
    const splitter = new LineSplitter({ maxLineBytes: MAX_LINE_BYTES })
    socket.on('data', (chunk: Buffer) => {
      for (const line of splitter.push(chunk)) if (line.kind === 'line') this.#take(line.bytes)
    })
  }

  /** Connects and says hello; rejects where that is answered with an error. What comes besides answers to `ask` is given to `unasked`. */
  static async open(
    path: string,
    unasked: (message: Message) => void = () => {},
    capabilities = {},
  ): Promise<BareClient> {
    const socket = connect(path)
    await once(socket, 'connect')
    const client = new BareClient(socket, unasked)
    const { error } = await client.ask('initialize', { ...HELLO, capabilities })
    if (error !== undefined) {
      socket.destroy()
      throw new Error(error.message)
    }
    client.send('{"jsonrpc":"2.0","method":"notifications/initialized"}')
    return client
  }

  /** Sends a request under an id of its own and resolves with the answer, whatever it is. */
  ask(method: string, params: object): Promise<Message> {
    const id = ++this.#lastId
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve)
      this.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }))
    })
  }

  /** Calls a tool. */
  call(name: string, args: object = {}): Promise<Message> {
    return this.ask('tools/call', { name, arguments: args })
  }

  /** Sends a message: JSON text on one line. */
  send(text: string): void {
    this.#socket.write(`${text}\n`)
  }

  [Symbol.dispose](): void {
    this.#socket.destroy()
  }

  #take(line: Buffer): void {
    const message = JSON.parse(line.toString()) as Message
    const answered = message.method === undefined ? this.#waiting.get(message.id) : undefined
    if (answered === undefined) return this.#unasked(message)
    this.#waiting.delete(message.id)
    answered(message)
  }
}
