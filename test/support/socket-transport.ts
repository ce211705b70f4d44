import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { LineSplitter } from '../../shared/line-splitter.ts'

/** What both generations of the official client call a message. */
type JsonRpc = object

/** Carries an official client's messages over a Unix socket, a line each. Both generations take it as their transport. */
export class SocketTransport<Received extends JsonRpc> {
  onmessage?: (message: Received) => void
  onclose?: () => void
  onerror?: (error: Error) => void
  readonly #path: string
  readonly #introduction: string
  #socket: Socket | undefined

  /** `introduction` is written before the first message. */
  constructor(path: string, introduction = '') {
    this.#path = path
    this.#introduction = introduction
  }

  async start(): Promise<void> {
    const socket = connect(this.#path)
    await once(socket, 'connect')
    const splitter = new LineSplitter({ maxLineBytes: 64 * 1024 * 1024 })
    socket.on('error', (error) => this.onerror?.(error))
    socket.on('close', () => this.onclose?.())
    socket.on('data', (chunk: Buffer) => {
      for (const line of splitter.push(chunk)) {
        if (line.kind === 'line') this.onmessage?.(JSON.parse(line.bytes.toString()) as Received)
      }
    })
    if (this.#introduction !== '') socket.write(this.#introduction)
    this.#socket = socket
  }

  async send(message: JsonRpc): Promise<void> {
    this.#socket?.write(`${JSON.stringify(message)}\n`)
  }

  async close(): Promise<void> {
    this.#socket?.destroy()
  }
}
