import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { LineSplitter } from '../../shared/line-splitter.ts'
import type { Message } from './fake-servers.ts'

const HELLO = { protocolVersion: '2025-11-25', clientInfo: { name: 'lines', version: '1' } }

/** A client without a library on a Unix socket: what it sends are bytes, what it got are lines. */
export class LineClient implements Disposable {
  readonly socket: Socket
  /** All that came, where nobody is told of it. */
  readonly messages: Message[] = []
  /** Resolves when the other side has ended the connection, or broken it. */
  readonly ended: Promise<unknown>
  readonly #unasked: ((message: Message) => void) | undefined
  readonly #answers = new Map<unknown, (message: Message) => void>()
  #lastId = 0

  /** `unasked` is given what answers nothing that was asked; without it all that comes is kept. */
  constructor(path: string, unasked?: (message: Message) => void) {
    this.#unasked = unasked
    this.socket = connect({ path, allowHalfOpen: true })
    this.socket.on('error', () => {})
    this.ended = Promise.race([once(this.socket, 'end'), once(this.socket, 'close')]).catch(() => {})
    const splitter = new LineSplitter({ maxLineBytes: 64 * 1024 * 1024 })
    this.socket.on('data', (chunk: Buffer) => {
      for (const line of splitter.push(chunk)) if (line.kind === 'line') this.#take(line.bytes)
    })
  }

  /** Connects and says hello; rejects where that is answered with an error. Keeps nothing of what comes. */
  static async open(
    path: string,
    unasked: (message: Message) => void = () => {},
    capabilities = {},
  ): Promise<LineClient> {
    const client = new LineClient(path, unasked)
    await once(client.socket, 'connect')
    const { error } = await client.ask('initialize', { ...HELLO, capabilities })
    if (error !== undefined) {
      client[Symbol.dispose]()
      throw new Error(error.message)
    }
    client.send({ method: 'notifications/initialized' })
    return client
  }

  write(bytes: string | Uint8Array): void {
    this.socket.write(bytes)
  }

  /** Sends a message on its line. */
  send(message: Message): void {
    this.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
  }

  /** Sends a request and resolves with its answer, whatever it is. */
  ask(method: string, params: Record<string, unknown> = {}, id: string | number = ++this.#lastId): Promise<Message> {
    const answered = this.answerTo(id)
    this.send({ id, method, params })
    return answered
  }

  /** The next answer with this id. */
  answerTo(id: unknown): Promise<Message> {
    return new Promise((resolve) => this.#answers.set(id, resolve))
  }

  hello(): Promise<Message> {
    const answered = this.ask('initialize', { ...HELLO, capabilities: {} }, 'hello')
    this.send({ method: 'notifications/initialized' })
    return answered
  }

  call(name: string, args: Record<string, unknown> = {}): Promise<Message> {
    return this.ask('tools/call', { name, arguments: args })
  }

  [Symbol.dispose](): void {
    this.socket.destroy()
  }

  #take(line: Buffer): void {
    const message = JSON.parse(line.toString()) as Message
    if (this.#unasked === undefined) this.messages.push(message)
    const answered = message.method === undefined ? this.#answers.get(message.id) : undefined
    if (answered === undefined) return this.#unasked?.(message)
    this.#answers.delete(message.id)
    answered(message)
  }
}
