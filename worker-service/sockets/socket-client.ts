import type { Socket } from 'node:net'
import { readIntroduction } from '../../shared/client-introduction.ts'
import { toJsonRpcError } from '../../shared/errors/json-rpc-error.ts'
import { ServiceError } from '../../shared/errors/service-error.ts'
import { toFailure } from '../../shared/errors/to-failure.ts'
import { scanFrame } from '../../shared/frames/frame-scan.ts'
import { errorFrame } from '../../shared/frames/frame-write.ts'
import { LineSplitter, type SplitLine } from '../../shared/line-splitter.ts'
import { ClientOutput } from '../server-pool/client-output.ts'
import type { PoolClient, Session } from '../server-pool/client-session.ts'

/** What a client on a socket is given. */
export interface SocketClientOptions {
  readonly server: string
  /** The longest line that is read. */
  readonly maxMessageBytes: number
  /** Opens the way to the server, or throws why there is none. */
  readonly open: (client: PoolClient) => Session
  readonly observer: SocketClientObserver
}

/** Is told what becomes of clients on sockets. */
export interface SocketClientObserver {
  frameDropped(server: string, details: { from: 'client'; reason: 'too-large' }): void
  clientCutOff(server: string, why: string): void
}

// A refused client learns why with its first request; one that sends none is not waited for.
const REFUSED_SILENCE_MS = 10_000
const PRESENCE_CHECK_MS = 500

/** A client has its way to the server from its first line on, which may say who it is. */
type Access =
  | { readonly kind: 'silent' }
  | { readonly kind: 'open'; readonly session: Session }
  | { readonly kind: 'refused'; readonly why: ServiceError }

/**
 * One connection to a server's socket: frames, a line each, between the socket and the pool. When the client ends its side it is still
 * given what it asked for, then the connection is closed.
 */
export class SocketClient implements PoolClient {
  readonly #socket: Socket
  readonly #options: SocketClientOptions
  readonly #splitter: LineSplitter
  readonly #output: ClientOutput
  project?: string
  identity?: string
  session?: string
  #access: Access = { kind: 'silent' }
  #inputEnded = false
  #presence: NodeJS.Timeout | undefined
  readonly #endWhenSettled = (): void => {
    if (this.#access.kind !== 'open' || this.#access.session.isSettled()) this.#output.end()
  }

  constructor(socket: Socket, options: SocketClientOptions) {
    this.#socket = socket
    this.#options = options
    this.#splitter = new LineSplitter({ maxLineBytes: options.maxMessageBytes })
    this.#output = new ClientOutput(socket, () => this.#cutOff())
    // Its close is the news.
    socket.on('error', () => {})
    socket.on('close', () => this.#closed())
    socket.on('finish', () => socket.destroy())
    socket.on('data', (chunk: Buffer) => this.#takeAll(this.#splitter.push(chunk)))
    socket.on('end', () => this.#ended())
  }

  frame(bytes: Buffer): void {
    this.#output.write(bytes)
    // Later: more of what the client asked for may come in this turn.
    if (this.#inputEnded) process.nextTick(this.#endWhenSettled)
  }

  drained(): void {
    this.#socket.resume()
  }

  closed(): void {
    this.#output.end()
  }

  /** Closes the connection of a client that has not said anything yet; the pool closes the others. */
  endIfSilent(): void {
    if (this.#access.kind === 'silent') this.#output.end()
  }

  /** Closes the connection at once. */
  destroy(): void {
    this.#socket.destroy()
  }

  #takeAll(lines: readonly SplitLine[]): void {
    for (const line of lines) {
      if (line.kind === 'too-long') this.#answerTooLong()
      else this.#take(line.bytes)
    }
  }

  #take(line: Buffer): void {
    if (this.#access.kind === 'silent' && this.#enter(line)) return
    if (this.#access.kind === 'refused') this.#refuse(line, this.#access.why)
    if (this.#access.kind === 'open' && !this.#access.session.send(line)) this.#socket.pause()
  }

  /** Opens the way to the server. Returns whether the line has served its purpose with that. */
  #enter(line: Buffer): boolean {
    try {
      const introduction = readIntroduction(line)
      const { project, client, session } = introduction ?? {}
      if (project !== undefined) this.project = project
      if (client !== undefined) this.identity = client
      if (session !== undefined) this.session = session
      this.#access = { kind: 'open', session: this.#options.open(this) }
      return introduction !== undefined
    } catch (thrown) {
      this.#socket.setTimeout(REFUSED_SILENCE_MS, () => this.#socket.destroy())
      this.#access = { kind: 'refused', why: ServiceError.from(thrown) }
      return false
    }
  }

  #ended(): void {
    this.#takeAll(this.#splitter.end())
    this.#inputEnded = true
    process.nextTick(this.#endWhenSettled)
    this.#presence = setInterval(() => this.#checkPresence(), PRESENCE_CHECK_MS).unref()
  }

  // Who has closed the connection looks like who has ended only their side of it, until something is written: a space is, which means
  // nothing before a frame.
  #checkPresence(): void {
    if (this.#socket.writable && this.#socket.writableLength === 0) this.#socket.write(' ')
  }

  #closed(): void {
    clearInterval(this.#presence)
    if (this.#access.kind === 'open') this.#access.session.close()
  }

  #refuse(bytes: Buffer, why: ServiceError): void {
    const frame = scanFrame(bytes)
    if (frame.kind !== 'request') return
    this.#output.write(errorFrame(frame.id.raw, toJsonRpcError(this.#options.server, toFailure(why))))
    process.nextTick(this.#endWhenSettled)
  }

  // Its id is in what was not kept.
  #answerTooLong(): void {
    const { server, maxMessageBytes, observer } = this.#options
    observer.frameDropped(server, { from: 'client', reason: 'too-large' })
    const message = `server "${server}": a message over ${maxMessageBytes} bytes cannot be sent. Raise its "maxMessageBytes".`
    const error = toJsonRpcError(server, { code: 'too_large', message })
    this.#output.write(errorFrame('null', { ...error, data: { ...error.data, maxMessageBytes } }))
  }

  #cutOff(): void {
    const { server, observer } = this.#options
    observer.clientCutOff(server, `server "${server}": the client does not read what it is sent.`)
    this.#socket.destroy()
  }
}
