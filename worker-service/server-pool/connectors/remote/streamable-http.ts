import type { ServiceError } from '../../../../shared/errors/service-error.ts'
import { toLine } from '../../../../shared/frames/to-line.ts'
import { isJsonObject } from '../../../../shared/json-object.ts'
import { parseJson } from '../../../../shared/parse-json.ts'
import { readAnswer } from './answer-reader.ts'
import { answersTo, isAnswer, outlineFrame } from './frame-outline.ts'
import { headerOf } from './http-exchange.ts'
import { type HttpSession, introducesTheSame, NO_SESSION, readSession, sessionHeaders } from './http-session.ts'
import type { RemoteClock } from './remote-clock.ts'
import type { Inbox, OutgoingMessage, RemoteProtocol } from './remote-connection.ts'
import type { EndpointReply, RemoteEndpoint } from './remote-endpoint.ts'
import { refusalError, remoteError, stoppedError } from './remote-failure.ts'
import { listenToServer } from './server-stream.ts'

/** What Streamable HTTP needs of its surroundings. */
export interface StreamableHttpOptions {
  endpoint: RemoteEndpoint
  inbox: Inbox
  maxMessageBytes: number
  clock: RemoteClock
}

const ACCEPT_ANSWER = ['accept', 'application/json, text/event-stream']
const ACCEPT_STREAM = ['accept', 'text/event-stream']
const JSON_BODY = ['content-type', 'application/json']
// Above the longest a call may take: calls end by their own deadline, and this only catches what has none.
const ANSWER_TIMEOUT_MS = 11 * 60_000
// A message that wants no answer is taken at once.
const ACCEPT_TIMEOUT_MS = 30_000
const GOODBYE_TIMEOUT_MS = 1_000

/**
 * MCP's Streamable HTTP (2025-03-26 and later): each frame is a POST, whose answer is JSON or an event stream; what the server says unasked
 * comes over a GET. A server that forgot the session (404) is introduced to us again with the very initialize it had: if it says the same of
 * itself, the frame it refused is sent once more and the connection goes on, else the connection is lost, because what is known of the
 * server no longer holds.
 */
export class StreamableHttp implements RemoteProtocol {
  readonly #endpoint: RemoteEndpoint
  readonly #inbox: Inbox
  readonly #maxMessageBytes: number
  readonly #clock: RemoteClock
  readonly #life = new AbortController()
  #listening = new AbortController()
  #session: HttpSession = NO_SESSION
  /** The frames that introduced us, and the answer. */
  #introduction: { initialize: Buffer; answer: Buffer; initialized: Buffer | undefined } | undefined
  /** While the server is told that we are initialized: what is sent then must not overtake it. */
  #barrier: Promise<void> | undefined
  #renewal: Promise<void> | undefined
  /** Requests wait at the caller's until then, because the server asked so. */
  #notBefore = 0

  constructor({ endpoint, inbox, maxMessageBytes, clock }: StreamableHttpOptions) {
    this.#endpoint = endpoint
    this.#inbox = inbox
    this.#maxMessageBytes = maxMessageBytes
    this.#clock = clock
  }

  /** The first frame opens the session. */
  open(): Promise<void> {
    return Promise.resolve()
  }

  async carry(message: OutgoingMessage, signal: AbortSignal): Promise<void> {
    const { outline } = message
    if (this.#barrier !== undefined) await this.#barrier
    if (outline.kind === 'request' && outline.method === 'initialize') return this.#initialize(message, signal)
    if (outline.kind === 'notification' && outline.method === 'notifications/initialized') {
      return this.#confirm(message, signal)
    }
    await this.#post(message, signal)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#life.abort(stoppedError(this.#endpoint.site))
    this.#listening.abort(stoppedError(this.#endpoint.site))
    if (this.#session.id === undefined) return
    const request = {
      method: 'DELETE' as const,
      headers: sessionHeaders(this.#session),
      headersTimeoutMs: 0,
      bodyTimeoutMs: 0,
    }
    // A courtesy: the server would forget the session by itself.
    const reply = await this.#endpoint.request(request, AbortSignal.timeout(GOODBYE_TIMEOUT_MS)).catch(() => undefined)
    if (reply !== undefined) this.#endpoint.discard(reply)
  }

  async #initialize(message: OutgoingMessage, signal: AbortSignal): Promise<void> {
    this.#session = NO_SESSION
    const reply = await this.#send(message, NO_SESSION, signal)
    const take = (bytes: Buffer) => {
      if (isAnswer(bytes)) this.#open(message.frame, bytes, reply)
      return this.#inbox.take(bytes, idOf(message))
    }
    await this.#takeAnswer(reply, { message, take, session: NO_SESSION }, signal)
  }

  #open(initialize: Buffer, answer: Buffer, reply: EndpointReply): void {
    this.#session = readSession(answer, headerOf(reply.head.headers, 'mcp-session-id'))
    this.#introduction = { initialize, answer, initialized: this.#introduction?.initialized }
  }

  async #confirm(message: OutgoingMessage, signal: AbortSignal): Promise<void> {
    if (this.#introduction !== undefined) this.#introduction.initialized = message.frame
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#barrier = promise
    try {
      await this.#post(message, signal)
      this.#listen()
    } finally {
      this.#barrier = undefined
      resolve()
    }
  }

  async #post(message: OutgoingMessage, signal: AbortSignal): Promise<void> {
    this.#holdBack(message)
    const session = this.#session
    const reply = await this.#send(message, session, signal)
    if (reply.head.status !== 404 || session.id === undefined) {
      return this.#takeAnswer(reply, { message, take: this.#taker(message, session), session }, signal)
    }
    this.#endpoint.discard(reply)
    await this.#renew(session)
    signal.throwIfAborted()
    // What the forgotten session asked, the new one does not want to know.
    if (message.outline.kind === 'answer') return
    const renewed = this.#session
    const resent = await this.#send(message, renewed, signal)
    return this.#takeAnswer(resent, { message, take: this.#taker(message, renewed), session: renewed }, signal)
  }

  /** Takes what comes on the stream of a request. What it asks in a session that was forgotten meanwhile could not be answered. */
  #taker(message: OutgoingMessage, session: HttpSession): (bytes: Buffer) => boolean {
    const id = idOf(message)
    return (bytes) =>
      (session === this.#session || outlineFrame(bytes).kind !== 'request') && this.#inbox.take(bytes, id)
  }

  #send({ frame, outline, sent }: OutgoingMessage, session: HttpSession, signal: AbortSignal): Promise<EndpointReply> {
    const headersTimeoutMs = outline.kind === 'request' ? ANSWER_TIMEOUT_MS : ACCEPT_TIMEOUT_MS
    const headers = [...JSON_BODY, ...ACCEPT_ANSWER, ...sessionHeaders(session)]
    const timeouts = { headersTimeoutMs, bodyTimeoutMs: ANSWER_TIMEOUT_MS }
    return this.#endpoint.request({ method: 'POST', headers, body: frame, ...timeouts, onSent: sent }, signal)
  }

  #get(session: HttpSession, lastEventId: string | undefined, signal: AbortSignal): Promise<EndpointReply> {
    const resumption = lastEventId === undefined ? [] : ['last-event-id', lastEventId]
    const headers = [...ACCEPT_STREAM, ...sessionHeaders(session), ...resumption]
    // An event stream may be silent for as long as it likes; TCP tells when the server is gone.
    return this.#endpoint.request(
      { method: 'GET', headers, headersTimeoutMs: ACCEPT_TIMEOUT_MS, bodyTimeoutMs: 0 },
      signal,
    )
  }

  async #takeAnswer(
    reply: EndpointReply,
    { message, take, session }: { message: OutgoingMessage; take: (bytes: Buffer) => boolean; session: HttpSession },
    signal: AbortSignal,
  ): Promise<void> {
    const { status } = reply.head
    if (status < 200 || status > 299) return this.#takeRefusal(reply, message)
    if (message.outline.kind !== 'request') return this.#endpoint.discard(reply)
    const id = idOf(message)
    const { site } = this.#endpoint
    await readAnswer(
      reply,
      {
        site,
        maxMessageBytes: this.#maxMessageBytes,
        clock: this.#clock,
        take,
        isTheAnswer: (bytes) => (id === undefined ? isAnswer(bytes) : answersTo(bytes, id)),
        // What the answer was too large for is told with the error.
        oversized: () => this.#inbox.oversized('none'),
        rest: () => this.#inbox.rest(),
        resume: (lastEventId, resumed) => this.#get(session, lastEventId, resumed),
      },
      signal,
    )
  }

  /** A refusal is the server's own answer where it is one to this very request, else an error. */
  async #takeRefusal(reply: EndpointReply, message: OutgoingMessage): Promise<void> {
    const body = await this.#endpoint.readBeginning(reply)
    const id = idOf(message)
    if (id !== undefined && isErrorAnswer(body, id) && this.#inbox.take(toLine(body), id)) return
    const error = refusalError(this.#endpoint.site, reply.head, body)
    if (error.retryAfterMs !== undefined) this.#notBefore = this.#clock.now() + error.retryAfterMs
    throw error
  }

  #holdBack({ outline }: OutgoingMessage): void {
    const retryAfterMs = this.#notBefore - this.#clock.now()
    if (retryAfterMs <= 0 || outline.kind !== 'request') return
    const problem = 'it asked not to be called for a while (Retry-After).'
    throw remoteError(this.#endpoint.site, problem, { code: 'overloaded', retryAfterMs })
  }

  /** Opens a new session in place of one the server forgot; all who met its 404 wait for the same one. */
  async #renew(forgotten: HttpSession): Promise<void> {
    if (this.#session !== forgotten) return
    this.#renewal ??= this.#introduceAgain().finally(() => {
      this.#renewal = undefined
    })
    await this.#renewal
  }

  async #introduceAgain(): Promise<void> {
    const known = this.#introduction
    if (known === undefined) throw this.#forgot()
    const { signal } = this.#life
    const answer = await this.#ask(known.initialize, signal)
    if (answer === undefined || !introducesTheSame(known.answer, answer.bytes)) {
      const error = this.#forgot()
      this.#inbox.lost(error)
      throw error
    }
    const session = readSession(answer.bytes, headerOf(answer.reply.head.headers, 'mcp-session-id'))
    if (known.initialized !== undefined) await this.#tell(known.initialized, session, signal)
    this.#session = session
    this.#listen()
    this.#inbox.sessionRenewed()
  }

  async #ask(frame: Buffer, signal: AbortSignal): Promise<{ bytes: Buffer; reply: EndpointReply } | undefined> {
    const message = { frame, outline: { kind: 'request', id: undefined, method: 'initialize' } as const, sent() {} }
    const reply = await this.#send(message, NO_SESSION, signal)
    let answer: Buffer | undefined
    const take = (bytes: Buffer) => {
      if (isAnswer(bytes)) answer = bytes
      return true
    }
    await this.#takeAnswer(reply, { message, take, session: NO_SESSION }, signal)
    return answer === undefined ? undefined : { bytes: answer, reply }
  }

  async #tell(frame: Buffer, session: HttpSession, signal: AbortSignal): Promise<void> {
    const message = { frame, outline: { kind: 'answer' } as const, sent() {} }
    const reply = await this.#send(message, session, signal)
    await this.#takeAnswer(reply, { message, take: () => true, session }, signal)
  }

  #listen(): void {
    this.#listening.abort(stoppedError(this.#endpoint.site))
    if (this.#life.signal.aborted) return
    this.#listening = new AbortController()
    const session = this.#session
    void listenToServer(
      {
        inbox: this.#inbox,
        maxMessageBytes: this.#maxMessageBytes,
        clock: this.#clock,
        open: (lastEventId, signal) => this.#get(session, lastEventId, signal),
        // What fails here fails again for whoever calls next, and is told there.
        sessionLost: () => void this.#renew(session).catch(() => {}),
      },
      this.#listening.signal,
    )
  }

  #forgot(): ServiceError {
    const problem = 'it forgot the session and is not the same any more.'
    return remoteError(this.#endpoint.site, problem, { code: 'connection_closed', delivered: 'no' })
  }
}

function idOf({ outline }: OutgoingMessage): number | undefined {
  return outline.kind === 'request' ? outline.id : undefined
}

function isErrorAnswer(body: Buffer, id: number): boolean {
  const message = parseJson(body.toString())
  return isJsonObject(message) && message.id === id && isJsonObject(message.error)
}
