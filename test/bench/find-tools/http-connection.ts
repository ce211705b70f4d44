import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

const HEAD_END = Buffer.from('\r\n\r\n')

/**
 * One kept-alive HTTP/1.1 connection that sends the same request again and again, on a bare socket: a client library would cost as
 * much as the path that is measured.
 */
export class HttpConnection implements Disposable {
  readonly #socket: Socket
  #waiting: PromiseWithResolvers<void> | undefined
  #received: Buffer[] = []
  #receivedBytes = 0
  #expectedBytes: number | undefined

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', (chunk: Buffer) => this.#take(chunk))
    socket.on('error', (error) => this.#fail(error))
    socket.on('close', () => this.#fail(new Error('The connection was closed.')))
  }

  static async open(port: number): Promise<HttpConnection> {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true })
    await once(socket, 'connect')
    return new HttpConnection(socket)
  }

  /** Sends a request and resolves with its whole answer's end. Throws when the answer is anything but 200, or none. */
  send(request: Buffer): Promise<void> {
    if (this.#socket.destroyed) return Promise.reject(new Error('The connection is closed.'))
    this.#waiting = Promise.withResolvers()
    this.#socket.write(request)
    return this.#waiting.promise
  }

  [Symbol.dispose](): void {
    this.#socket.destroy()
  }

  #take(chunk: Buffer): void {
    this.#received.push(chunk)
    this.#receivedBytes += chunk.length
    this.#expectedBytes ??= this.#readHead()
    if (this.#expectedBytes === undefined || this.#receivedBytes < this.#expectedBytes) return
    this.#received = []
    this.#receivedBytes = 0
    this.#expectedBytes = undefined
    this.#waiting?.resolve()
  }

  /** The length of the whole answer, once its head is there. */
  #readHead(): number | undefined {
    const bytes = this.#received.length === 1 ? (this.#received[0] as Buffer) : Buffer.concat(this.#received)
    const end = bytes.indexOf(HEAD_END)
    if (end === -1) return undefined
    const head = bytes.toString('latin1', 0, end)
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1]
    if (head.startsWith('HTTP/1.1 200 ') && length !== undefined) return end + HEAD_END.length + Number(length)
    this.#socket.destroy(new Error(`An answer that is not 200 with a length: ${head.split('\r\n', 1).join('')}`))
    return undefined
  }

  #fail(error: Error): void {
    this.#waiting?.reject(error)
    this.#waiting = undefined
  }
}

/** The bytes of a POST with a JSON body. */
export function postRequest(port: number, path: string, body: string): Buffer {
  const head = [
    `POST ${path} HTTP/1.1`,
    `host: 127.0.0.1:${port}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
  ]
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`)
}
