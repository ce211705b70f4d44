import type { Agent } from 'undici'
import type { Delivery } from '../../../../shared/errors/json-rpc-error.ts'
import { ServiceError } from '../../../../shared/errors/service-error.ts'
import type { AnsweredRequestId } from '../../../routing/failed-calls.ts'
import type { Connection, ConnectionEnd, FrameReceiver } from '../connector.ts'
import { UnaskedOutput } from '../unasked-output.ts'
import { type FrameOutline, outlineFrame } from './frame-outline.ts'
import type { RemoteClock } from './remote-clock.ts'
import { RemoteError, stoppedError, tooLargeError, UnreachableError } from './remote-failure.ts'
import type { RemoteSite } from './remote-site.ts'

/** A frame on its way to a server. */
export interface OutgoingMessage {
  frame: Buffer
  outline: FrameOutline
  /** To be called when the frame has left. */
  sent: () => void
}

/** Where a protocol hands over what comes from the server. */
export interface Inbox {
  /** Takes a message that may be a frame; `relatedTo` is the request on whose stream it came. False where it is none. */
  take(bytes: Buffer, relatedTo?: number): boolean
  oversized(answered: AnsweredRequestId): void
  /** Resolves when more may be read of what comes unasked; undefined where it may at once. */
  rest(): Promise<void> | undefined
  /** The server was introduced to us anew. */
  sessionRenewed(): void
  /** The server is lost: the connection ends. */
  lost(error: ServiceError): void
}

/** A way of carrying frames over HTTP. */
export interface RemoteProtocol extends AsyncDisposable {
  /** Makes ready to carry. Rejects with a ServiceError, or the signal's reason. */
  open(signal: AbortSignal): Promise<void>
  /**
   * Carries one frame. Resolves when nothing more comes of it: for a request where answers come on its own stream, when that has ended.
   * Rejects with a ServiceError when the frame or its answer is lost, or with the signal's reason.
   */
  carry(message: OutgoingMessage, signal: AbortSignal): Promise<void>
}

/** What a connection is made of. It ends the agent and the authorizer with itself. */
export interface RemoteConnectionParts {
  site: RemoteSite
  agent: Agent
  authorizer: Disposable
  maxMessageBytes: number
  clock: RemoteClock
}

// So many bytes may wait for a connection before the server counts as behind.
const HIGH_WATER_BYTES = 64 * 1024
const OPEN_BRACE = 0x7b
const NOT_BLANK = /\S/
const CANCELLED = new ServiceError('cancelled', 'The request was cancelled.')

/** What is the same for all protocols over HTTP: which messages are under way, what waits, and the end. Owns the agent. */
export class RemoteConnection implements Connection {
  readonly closed: Promise<ConnectionEnd>
  skippedLines = 0
  waitingBytes = 0
  readonly #site: RemoteSite
  readonly #agent: Agent
  readonly #authorizer: Disposable
  readonly #maxMessageBytes: number
  readonly #clock: RemoteClock
  readonly #unasked: UnaskedOutput
  readonly #life = new AbortController()
  readonly #protocol: RemoteProtocol
  readonly #closed = Promise.withResolvers<ConnectionEnd>()
  readonly #underWay = new Set<AbortController>()
  readonly #requests = new Map<number, AbortController>()
  #end: ConnectionEnd | undefined
  #receiver: FrameReceiver | undefined
  #early: [bytes: Buffer, relatedTo: number | undefined][] = []
  #isBehind = false
  #disposing: Promise<void> | undefined

  constructor(
    { site, agent, authorizer, maxMessageBytes, clock }: RemoteConnectionParts,
    createProtocol: (inbox: Inbox) => RemoteProtocol,
  ) {
    this.#site = site
    this.#agent = agent
    this.#authorizer = authorizer
    this.#maxMessageBytes = maxMessageBytes
    this.#clock = clock
    this.#unasked = new UnaskedOutput(() => clock.now())
    this.closed = this.#closed.promise
    this.#protocol = createProtocol({
      take: (bytes, relatedTo) => this.#take(bytes, relatedTo),
      oversized: (answered) => this.#receiver?.oversizedFrame(answered),
      rest: () => this.#rest(),
      sessionRenewed: () => this.#receiver?.sessionRenewed?.(),
      lost: (error) => this.#finish({ kind: 'lost', error }),
    })
  }

  /** Makes the way ready that frames take; nothing can be sent before. Rejects with a ServiceError, or the signal's reason. */
  open(signal: AbortSignal): Promise<void> {
    return this.#protocol.open(signal)
  }

  receive(receiver: FrameReceiver): void {
    this.#receiver = receiver
    const early = this.#early
    this.#early = []
    for (const [bytes, relatedTo] of early) receiver.frame(bytes, relatedTo)
  }

  /** Resolves when the frame has left; what happens to a request afterwards is told to the receiver. */
  send(frame: Buffer | string): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    try {
      this.#launch(frame, { sent: resolve, notSent: reject })
    } catch (thrown) {
      reject(thrown)
    }
    return promise
  }

  write(frame: Buffer | string): boolean {
    this.#launch(frame, { sent() {}, notSent: (error, outline) => this.#reportLost(outline, error, 'no') })
    this.#isBehind ||= this.waitingBytes > HIGH_WATER_BYTES
    return !this.#isBehind
  }

  tookFrame(bytes: number, isAnswer: boolean): void {
    this.#unasked.tookFrame(bytes, isAnswer)
  }

  lastWords(): string[] {
    return []
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#finish({ kind: 'stopped' })
    this.#disposing ??= this.#stop()
    await this.#disposing
  }

  async #stop(): Promise<void> {
    await this.#protocol[Symbol.asyncDispose]()
    this.#authorizer[Symbol.dispose]()
    await this.#agent.destroy()
  }

  #launch(frame: Buffer | string, outcome: SendOutcome): void {
    if (this.#end !== undefined) throw stoppedError(this.#site)
    const bytes = typeof frame === 'string' ? Buffer.from(frame) : frame
    if (bytes.length > this.#maxMessageBytes) {
      throw tooLargeError(this.#site, `a message over ${this.#maxMessageBytes} bytes cannot be sent.`, 'no')
    }
    const outline = outlineFrame(bytes)
    let hasLeft = false
    const leave = () => {
      if (!hasLeft) this.#wait(-bytes.length)
      hasLeft = true
    }
    const sent = () => {
      leave()
      outcome.sent()
    }
    this.#wait(bytes.length)
    this.#carry({ frame: bytes, outline, sent }).then(sent, (thrown: unknown) => {
      const error = ServiceError.from(thrown)
      if (error instanceof UnreachableError && this.#underWay.size === 0) this.#finish({ kind: 'lost', error })
      if (hasLeft) this.#reportLost(outline, error, error instanceof RemoteError ? error.delivered : 'unknown')
      else {
        leave()
        outcome.notSent(error, outline)
      }
    })
  }

  async #carry(message: OutgoingMessage): Promise<void> {
    const { outline } = message
    const aborter = new AbortController()
    const id = outline.kind === 'request' ? outline.id : undefined
    this.#underWay.add(aborter)
    if (id !== undefined) this.#requests.set(id, aborter)
    try {
      await this.#protocol.carry(message, aborter.signal)
    } finally {
      this.#underWay.delete(aborter)
      if (id !== undefined) this.#requests.delete(id)
      // Servers tend to leave the stream of a request open that they were told to forget.
      if (outline.kind === 'notification' && outline.cancels !== undefined) this.#forget(outline.cancels)
    }
  }

  #forget(id: number): void {
    const request = this.#requests.get(id)
    this.#requests.delete(id)
    request?.abort(CANCELLED)
  }

  /** Tells of a request that gets no answer, unless nobody waits for one. */
  #reportLost(outline: FrameOutline, error: ServiceError, delivered: Delivery): void {
    if (outline.kind !== 'request' || outline.id === undefined) return
    if (this.#end !== undefined || error === CANCELLED) return
    this.#receiver?.unanswered?.(outline.id, error, delivered)
  }

  #take(bytes: Buffer, relatedTo: number | undefined): boolean {
    if (this.#end !== undefined) return true
    if (bytes[0] !== OPEN_BRACE && bytes.find((byte) => NOT_BLANK.test(String.fromCharCode(byte))) !== OPEN_BRACE) {
      this.skippedLines++
      this.#unasked.skipped(bytes.length)
      return false
    }
    if (this.#receiver === undefined) this.#early.push([bytes, relatedTo])
    else this.#receiver.frame(bytes, relatedTo)
    return true
  }

  #rest(): Promise<void> | undefined {
    const restMs = this.#unasked.restMs()
    // At the end what is left may be read; nobody takes it any more.
    return restMs === 0 ? undefined : this.#clock.sleep(restMs, this.#life.signal).catch(() => {})
  }

  #wait(bytes: number): void {
    this.waitingBytes += bytes
    if (!this.#isBehind || this.waitingBytes > HIGH_WATER_BYTES) return
    this.#isBehind = false
    this.#receiver?.drained?.()
  }

  #finish(end: ConnectionEnd): void {
    if (this.#end !== undefined) return
    this.#end = end
    this.#life.abort()
    this.#closed.resolve(end)
    for (const aborter of this.#underWay) aborter.abort(stoppedError(this.#site))
  }
}

interface SendOutcome {
  sent(): void
  notSent(error: ServiceError, outline: FrameOutline): void
}
