import type { ServiceError } from '../../shared/errors/service-error.ts'
import { type NotificationFrame, type RequestFrame, scanFrame, type Token } from '../../shared/frames/frame-scan.ts'
import { notificationFrame, requestFrame } from '../../shared/frames/frame-write.ts'
import { type AnswerOutline, outlineAnswer } from '../../shared/frames/outline-answer.ts'
import type { LogLevel } from '../routing/log-levels.ts'
import type { PoolClient, Session } from '../server-pool/client-session.ts'
import type { ClientHello } from './hello.ts'

/** The pooled servers, as a client's session uses them. */
export interface LinkedServers {
  /** Throws `unknown_server`, which names those there are, where there is no such server. */
  check(server: string): void
  /** Opens a client's way to a server; throws why there is none. */
  connect(server: string, client: PoolClient): Session
  /** Whether the server runs, so that a word to it starts nothing. */
  isRunning(server: string): boolean
}

/** Takes what comes from a server. */
export interface LinkHost {
  answered(link: ServerLink, frame: AnswerOutline): void
  asked(link: ServerLink, frame: RequestFrame): void
  told(link: ServerLink, frame: NotificationFrame): void
  drained(link: ServerLink): void
  /** The way to the server is closed, and why. */
  lost(link: ServerLink, reason: ServiceError): void
}

/** What a link is made from; `ownIds` begins the ids of its own requests and no others. */
export interface LinkParts {
  readonly servers: LinkedServers
  readonly host: LinkHost
  readonly client: Pick<PoolClient, 'identity' | 'project' | 'absentSince'>
  readonly ownIds: string
}

/**
 * One client's way to one pooled server, on which the server takes it for that client: it is introduced with the client's own params of
 * initialize, and requests go over it under the client's own ids and progress tokens.
 */
export class ServerLink implements PoolClient {
  readonly server: string
  readonly identity?: string
  readonly project?: string
  readonly #parts: LinkParts
  readonly #session: Session
  #introducedWith: ClientHello | undefined
  #initializeId = ''
  #wantedLevel: LogLevel | undefined
  #toldLevel: LogLevel | undefined
  #lastOwnId = 0

  /** Opens the way; throws why there is none. */
  constructor(server: string, parts: LinkParts) {
    this.server = server
    this.#parts = parts
    const { identity, project } = parts.client
    if (identity !== undefined) this.identity = identity
    if (project !== undefined) this.project = project
    this.#session = parts.servers.connect(server, this)
  }

  get absentSince(): number | undefined {
    return this.#parts.client.absentSince
  }

  /** Passes a request on. False when no more should be sent before the link has drained. */
  request(bytes: Buffer, hello: ClientHello): boolean {
    this.#introduce(hello)
    this.#tellLevel()
    return this.#session.send(bytes)
  }

  /** Passes on what begins nothing: a notification, or an answer to the server. */
  send(bytes: Buffer): void {
    this.#session.send(bytes)
  }

  /** The client wants log messages from this level up. A server that does not run learns it with the next request. */
  setLogLevel(level: LogLevel): void {
    this.#wantedLevel = level
    if (this.#parts.servers.isRunning(this.server)) this.#tellLevel()
  }

  /** Leaves the server: what is in flight is cancelled. */
  close(): void {
    this.#session.close()
  }

  frame(bytes: Buffer): void {
    const { host } = this.#parts
    const frame = outlineAnswer(bytes) ?? scanFrame(bytes)
    switch (frame.kind) {
      case 'answer':
        return this.#isOwn(frame.id) ? this.#ownAnswered(frame) : host.answered(this, frame)
      case 'request':
        return host.asked(this, frame)
      case 'notification':
        return host.told(this, frame)
      case 'unusable':
    }
  }

  drained(): void {
    this.#parts.host.drained(this)
  }

  closed(reason: ServiceError): void {
    this.#parts.host.lost(this, reason)
  }

  #introduce(hello: ClientHello): void {
    if (this.#introducedWith === hello) return
    this.#introducedWith = hello
    this.#toldLevel = undefined
    this.#initializeId = this.#nextOwnId()
    const { params } = hello
    const id = JSON.stringify(this.#initializeId)
    const head = Buffer.from(`{"jsonrpc":"2.0","id":${id},"method":"initialize","params":`)
    this.#session.send(Buffer.concat([head, params, Buffer.from('}')]))
    this.#session.send(notificationFrame('notifications/initialized'))
  }

  #tellLevel(): void {
    if (this.#introducedWith === undefined || this.#toldLevel === this.#wantedLevel) return
    this.#toldLevel = this.#wantedLevel
    this.#session.send(requestFrame(this.#nextOwnId(), 'logging/setLevel', { level: this.#wantedLevel }))
  }

  #nextOwnId(): string {
    this.#lastOwnId++
    return `${this.#parts.ownIds}${this.#lastOwnId}`
  }

  #isOwn({ value }: Token): boolean {
    return typeof value === 'string' && value.startsWith(this.#parts.ownIds)
  }

  // A server that could not be had knows nobody, and is told again with the next request. That it has no log levels is no concern.
  #ownAnswered({ id, failed }: AnswerOutline): void {
    if (failed && id.value === this.#initializeId) this.#introducedWith = undefined
  }
}
