import type { ServerResponse } from 'node:http'
import { ServiceError } from '../../../shared/errors/service-error.ts'
import {
  type AnswerFrame,
  type Frame,
  type NotificationFrame,
  type RequestFrame,
  readToken,
  scanFrame,
} from '../../../shared/frames/frame-scan.ts'
import { type AnswerOutline, outlineAnswer } from '../../../shared/frames/outline-answer.ts'
import { failureFrame, OWN_NAME } from '../../../shared/frames/replies.ts'
import { parseHello } from '../../routing/hello.ts'
import type { PoolClient, Session } from '../../server-pool/client-session.ts'
import type { Clock } from '../../server-pool/clock.ts'
import { EventLog } from './event-log.ts'
import { McpStream } from './mcp-stream.ts'

/** A frame that can be taken on. */
export type UsableFrame = Exclude<Frame, { kind: 'unusable' }>

/** What a session is given. */
export interface McpSessionParts {
  readonly id: string
  /** The session of its front, which outlives this one: found tools are attached to that. */
  readonly session?: string | undefined
  /** Opens the way to the server, or to all of them. */
  readonly open: (client: PoolClient) => Session
  readonly clock: Clock
  /** The session is over, whoever ended it. */
  readonly ended: () => void
}

/** A request in flight. */
interface Asked {
  readonly stream: McpStream
  readonly progressToken: string | number | undefined
  readonly isInitialize: boolean
}

/** What came of listening: the response was taken, or there is no use for it. */
type Listening = 'listening' | 'nothing more' | 'no such event'

export const SESSION_HEADER = 'mcp-session-id'
/** The protocol since when clients know an event without data. */
const PRIMED_SINCE = '2025-11-25'

const EVENT_LIMITS = { maxBytes: 1024 * 1024, maxEvents: 1_000 }
/** A client that has only introduced itself is taken to be about to ask for something for so long. */
const HANDSHAKE_MS = 10_000
const TOO_LATE = new ServiceError(
  'connection_closed',
  'The answer came while the client was away, and is kept no longer.',
)
/** The stream of what belongs to no request. */
const STANDALONE = 'all'

/**
 * One client's session over Streamable HTTP: its frames come one to a POST, and each that comes back finds the response it belongs on.
 * A connection that breaks cancels nothing: the client resumes its stream, or says that it wants the answer no more.
 */
export class McpSession implements PoolClient {
  readonly id: string
  readonly session?: string
  readonly #session: Session
  readonly #clock: Clock
  readonly #ended: () => void
  readonly #log = new EventLog(EVENT_LIMITS)
  readonly #standalone: McpStream
  /** The requests in flight, oldest first, by the client's ids. */
  readonly #asked = new Map<string | number, Asked>()
  #lastStream = 0
  #canBePrimed = false
  #lastUsedAt: number
  /** It has not asked for anything yet. */
  #isNew = true
  #isOver = false

  /** Throws what `open` throws. */
  constructor({ id, session, open, clock, ended }: McpSessionParts) {
    this.id = id
    if (session !== undefined) this.session = session
    this.#clock = clock
    this.#ended = ended
    this.#lastUsedAt = clock.now()
    this.#standalone = this.#createStream(STANDALONE)
    this.#session = open(this)
  }

  /** Since when nothing has come of the client and nothing is open for it or awaited of it, in the clock's milliseconds; undefined while something is. */
  get absentSince(): number | undefined {
    const isAwaited = this.#isNew && this.#clock.now() - this.#lastUsedAt < HANDSHAKE_MS
    return isAwaited || this.#standalone.isOpen || this.#asked.size > 0 ? undefined : this.#lastUsedAt
  }

  /** Takes a request, which is answered on the response, sooner or later. False, and it is not taken, where one of its id is in flight. */
  ask(frame: RequestFrame, response: ServerResponse): boolean {
    if (this.#asked.has(frame.id.value)) return false
    const isInitialize = frame.method === 'initialize'
    // Clients of before take an event without data for a broken one.
    this.#isNew &&= isInitialize
    if (isInitialize) this.#canBePrimed = (parseHello(frame)?.protocolVersion ?? '') >= PRIMED_SINCE
    const stream = this.#createStream((++this.#lastStream).toString(36))
    const progressToken = readToken(frame, 'params._meta.progressToken')?.value
    this.#asked.set(frame.id.value, { stream, progressToken, isInitialize })
    stream.open(response)
    this.#pass(frame)
    return true
  }

  /** Takes a notification, or the answer to a question of the server. */
  tell(frame: NotificationFrame | AnswerFrame): void {
    this.#pass(frame)
    if (frame.kind === 'notification' && frame.method === 'notifications/cancelled') this.#withdraw(frame)
  }

  /** Opens the stream of what belongs to no request, or resumes the one that an event is of, if anything of it is still to come. */
  listen(response: ServerResponse, lastEventId: string | undefined): Listening {
    if (lastEventId === undefined) return this.#resume(this.#standalone, response)
    const missed = this.#log.after(lastEventId)
    if (missed === undefined) return 'no such event'
    const stream = this.#streamNamed(missed.stream)
    if (stream.isFinished && missed.events.length === 0) return 'nothing more'
    return this.#resume(stream, response, lastEventId)
  }

  /** Ends the response of what belongs to no request; nothing comes on another. */
  stopListening(): void {
    this.#standalone.finish()
  }

  frame(bytes: Buffer): void {
    const frame = outlineAnswer(bytes) ?? scanFrame(bytes)
    if (frame.kind === 'answer') this.#answer(frame)
    else this.#streamFor(frame).send(bytes)
  }

  closed(): void {
    this.#end()
  }

  /** Ends the session: what it has in flight is cancelled, what is open is ended. */
  close(): void {
    this.#session.close()
    this.#end()
  }

  #resume(stream: McpStream, response: ServerResponse, lastEventId?: string): Listening {
    this.#isNew = false
    stream.resume(response, lastEventId)
    response.once('close', () => {
      this.#lastUsedAt = this.#clock.now()
    })
    return 'listening'
  }

  #pass({ bytes }: UsableFrame): void {
    this.#lastUsedAt = this.#clock.now()
    this.#session.send(bytes)
  }

  #answer({ id, bytes, failed }: AnswerOutline): void {
    const asked = this.#asked.get(id.value)
    this.#asked.delete(id.value)
    this.#lastUsedAt = this.#clock.now()
    asked?.stream.answer(bytes, () => failureFrame(id, TOO_LATE, { server: OWN_NAME, delivered: 'yes' }))
    // A session that was not begun is of no use to the client.
    if (asked?.isInitialize && failed) this.close()
  }

  // A request that is not wanted any more is not answered.
  #withdraw(frame: NotificationFrame): void {
    const id = readToken(frame, 'params.requestId')
    if (id === undefined) return
    this.#asked.get(id.value)?.stream.finish()
    this.#asked.delete(id.value)
  }

  /** Where something goes that is no answer: to the request it is about; else where the client listens, the latest request first. */
  #streamFor(frame: Frame): McpStream {
    const streams = [...this.#asked.values()].map(({ stream }) => stream).toReversed()
    const listening = [...streams, this.#standalone].find(({ isOpen }) => isOpen)
    return this.#streamOfProgress(frame) ?? listening ?? this.#standalone
  }

  #streamOfProgress(frame: Frame): McpStream | undefined {
    if (frame.kind !== 'notification' || frame.method !== 'notifications/progress') return undefined
    const token = readToken(frame, 'params.progressToken')?.value
    return token === undefined
      ? undefined
      : [...this.#asked.values()].find(({ progressToken }) => progressToken === token)?.stream
  }

  #streamNamed(name: string): McpStream {
    const open = [this.#standalone, ...[...this.#asked.values()].map(({ stream }) => stream)]
    const known = open.find((stream) => stream.name === name)
    if (known !== undefined) return known
    // Its answer is in the log, if anywhere.
    const finished = this.#createStream(name)
    finished.finish()
    return finished
  }

  #createStream(name: string): McpStream {
    const headers = { [SESSION_HEADER]: this.id }
    return new McpStream({ name, log: this.#log, headers, canBePrimed: () => this.#canBePrimed })
  }

  #end(): void {
    if (this.#isOver) return
    this.#isOver = true
    for (const { stream } of this.#asked.values()) stream.finish()
    this.#asked.clear()
    this.#standalone.finish()
    this.#ended()
  }
}
