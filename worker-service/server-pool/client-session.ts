import type { ServiceError } from '../../shared/errors/service-error.ts'
import { scanFrame } from '../../shared/frames/frame-scan.ts'
import { createLane } from './server-input.ts'

/** A client of pooled servers, as the pool sees it. Its methods must not throw. */
export interface PoolClient {
  /** Takes one frame: JSON text without a newline, not to be changed. */
  frame(bytes: Buffer): void
  /** It may send again after a `send` that returned false. */
  drained?(): void
  /** The server is no longer there for it, and why; nothing comes after. Not called when the client closes the session itself. */
  closed(reason: ServiceError): void
  /** Who it is across sessions, where that is known; for servers that have a process for each client. */
  readonly identity?: string
  /** The MCP session it stands for across connections, to which found tools are attached; where it asks all servers at once. */
  readonly session?: string
  /** Its working directory, for servers that have a process for each. */
  readonly project?: string
  /** It is the service itself: it counts as no client and what it asks as no use, and no question of a server is for it. */
  readonly isService?: boolean
  /** Since when it may have gone without a word, in the clock's milliseconds; undefined while it is certainly there. Its place is given to a new client. */
  readonly absentSince?: number | undefined
}

/** A client's way to one server. Closing it cancels what it has in flight. */
export interface Session {
  /**
   * Gives the server one frame: JSON text, not to be changed afterwards. False when the client should send no more before `drained`; what
   * it sends all the same is taken until too much waits, then it is cut off.
   */
  send(frame: Buffer): boolean
  /** Whether the client has been given everything it asked for. */
  isSettled(): boolean
  close(): void
}

/** What a session needs of its server. */
export interface SessionHost {
  clientFrame(session: ClientSession, frame: Buffer): boolean
  closeSession(session: ClientSession): void
  isSettled(session: ClientSession): boolean
}

/** The pool's side of a session. */
export class ClientSession implements Session {
  readonly id: string
  readonly client: PoolClient
  /** What waits for the server to read. */
  readonly lane = createLane(() => this.client.drained?.())
  readonly #host: SessionHost
  readonly #whenClosed: () => void
  #held: Buffer[] = []
  #heldBytes = 0

  constructor(id: string, parts: { client: PoolClient; host: SessionHost; closed: () => void }) {
    this.id = id
    this.client = parts.client
    this.#host = parts.host
    this.#whenClosed = parts.closed
  }

  /** How many bytes of the client's wait. */
  get backlogBytes(): number {
    return this.lane.waitingBytes + this.#heldBytes
  }

  send(frame: Buffer): boolean {
    return this.#host.clientFrame(this, frame)
  }

  isSettled(): boolean {
    return this.#held.length === 0 && this.#host.isSettled(this)
  }

  close(): void {
    this.#host.closeSession(this)
  }

  /** The session is over, whoever ended it. */
  closed(): void {
    this.#whenClosed()
  }

  /** Keeps a frame back when it would begin a call, or comes after one that would. Answers never wait: calls in flight may need them. */
  holdBack(frame: Buffer): boolean {
    const { kind } = scanFrame(frame)
    const waits = kind === 'request' || (kind !== 'answer' && this.#held.length > 0)
    if (!waits) return false
    this.#held.push(frame)
    this.#heldBytes += frame.length
    return true
  }

  /** What was held back, in order. */
  takeHeld(): Buffer[] {
    const held = this.#held
    this.#held = []
    this.#heldBytes = 0
    return held
  }
}
