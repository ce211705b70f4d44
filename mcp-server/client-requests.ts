import { INVALID_REQUEST } from '../shared/errors/json-rpc-code.ts'
import type { JsonRpcError } from '../shared/errors/json-rpc-error.ts'
import { ServiceError } from '../shared/errors/service-error.ts'
import type { AnswerFrame, RequestFrame, Token } from '../shared/frames/frame-scan.ts'
import { errorFrame, rewriteFrame } from '../shared/frames/frame-write.ts'
import type { AnswerOutline } from '../shared/frames/outline-answer.ts'
import { failureFrame, refusalFrame } from '../shared/frames/replies.ts'
import type { StderrLog } from './stderr-log.ts'
import { WaitingRequests } from './waiting-requests.ts'

/** What {@link ClientRequests} speak through. Times are milliseconds. */
export interface ClientRequestsOptions {
  /** Whose name errors carry. */
  readonly server: string
  /** Sends the client one frame. */
  readonly send: (frame: Buffer) => void
  /** How long a request waits for a worker. */
  readonly patienceMs: number
  /** Why there is no worker, and what to do, as sentences. */
  readonly whyNone: () => string
  readonly log: StderrLog
}

/** A request of the client's that has no answer yet. `number` is that of our log lines. */
interface KnownRequest {
  readonly id: Token
  readonly method: string
  readonly number: number
  /** Answers it in another way while there is no worker. */
  readonly otherwise: (() => void) | undefined
}

/** One that no worker was given yet. */
export interface UnsentRequest extends KnownRequest {
  readonly frame: RequestFrame
}

/** One that a worker was given, of so many bytes. Its frame is kept where another worker may be given it too. */
export interface SentRequest extends KnownRequest {
  readonly size: number
  readonly frame: RequestFrame | undefined
}

/** How many requests a client may have in flight. */
export const MAX_IN_FLIGHT = 1_024
const RETRY_AFTER_MS = 1_000

/** The requests of one client that are to be answered by a worker: each is, or gets one error by its own id. */
export class ClientRequests implements Disposable {
  readonly #options: ClientRequestsOptions
  readonly #sent = new Map<string | number, SentRequest>()
  readonly #waiting: WaitingRequests<UnsentRequest>
  #lastNumber = 0
  #whenSettled: PromiseWithResolvers<void> | undefined

  constructor(options: ClientRequestsOptions) {
    this.#options = options
    this.#waiting = new WaitingRequests({
      patienceMs: options.patienceMs,
      expired: (request) => this.#expired(request),
    })
  }

  /** How many have no answer yet. */
  get size(): number {
    return this.#sent.size + this.#waiting.size
  }

  /** How many of them a worker was given. */
  get sent(): number {
    return this.#sent.size
  }

  has(id: string | number): boolean {
    return this.#sent.has(id) || this.#waiting.has(id)
  }

  /** Takes a request on; undefined where it was refused. */
  accept(frame: RequestFrame, otherwise: (() => void) | undefined): UnsentRequest | undefined {
    const { id, method } = frame
    if (this.has(id.value)) {
      this.#options.send(refusalFrame(id.raw, INVALID_REQUEST, 'A request with this id is in flight already.'))
      return undefined
    }
    const request = { id, method, number: ++this.#lastNumber, otherwise, frame }
    if (this.size < MAX_IN_FLIGHT) return request
    this.#fail(request, tooManyInFlight(), 'no')
    return undefined
  }

  /** A worker is given a request now. */
  noteSent({ id, method, number, otherwise, frame }: UnsentRequest): void {
    // Only initialize may be done twice.
    const kept = method === 'initialize' ? frame : undefined
    this.#sent.set(id.value, { id, method, number, otherwise, size: frame.bytes.length, frame: kept })
  }

  /** Has a request wait for a worker. */
  wait(request: UnsentRequest): void {
    try {
      this.#waiting.add(request)
    } catch (thrown) {
      this.#fail(request, ServiceError.from(thrown), 'no')
    }
  }

  /** Takes out what waits, in the order it came. */
  takeWaiting(): UnsentRequest[] {
    return this.#waiting.takeWhere(() => true)
  }

  /** Sends the client its answer. Returns the request; undefined, and nothing is sent, where no such answer is waited for. */
  answer({ id, bytes }: AnswerOutline): SentRequest | undefined {
    const request = this.#sent.get(id.value)
    if (request === undefined) return undefined
    this.#sent.delete(id.value)
    this.#options.send(bytes)
    this.#settle()
    return request
  }

  /**
   * The worker has not taken a message of over `maxBytes` and cannot say which: the oldest request that is so large gets the error as its
   * answer. Returns whether there was one.
   */
  refuseLarger(maxBytes: number, error: JsonRpcError): boolean {
    const request = this.#sent.values().find(({ size }) => size > maxBytes)
    if (request === undefined) return false
    this.#sent.delete(request.id.value)
    this.#options.send(errorFrame(request.id.raw, error))
    this.#settle()
    return true
  }

  /** The client wants no answer any more. Returns whether a worker may be at it. */
  cancel(id: string | number): boolean {
    const wasWaiting = this.#waiting.take(id) !== undefined
    const wasSent = this.#sent.delete(id)
    if (wasWaiting || wasSent) this.#settle()
    return wasSent
  }

  /** A worker has refused the client: that is the answer to everything that waits. */
  refuseWaiting(refusal: AnswerFrame): void {
    this.handOver()
    for (const { id } of this.takeWaiting()) this.#options.send(rewriteFrame(refusal, { id: id.raw }))
    this.#settle()
  }

  /** There is no worker, or it hangs: what can be answered in another way is. */
  handOver(): void {
    for (const { otherwise } of this.#waiting.takeWhere((request) => request.otherwise !== undefined)) otherwise?.()
    for (const { id, otherwise } of this.#sent.values()) {
      if (otherwise === undefined) continue
      this.#sent.delete(id.value)
      otherwise()
    }
    this.#settle()
  }

  /** The worker is gone with what it was given. */
  lose(): void {
    this.handOver()
    const lost = [...this.#sent.values()]
    this.#sent.clear()
    const failed = lost.filter(({ frame }) => frame === undefined)
    if (failed.length > 0) this.#options.log.line(`the worker was lost with ${toText(failed)} under way`)
    for (const request of lost) this.#lose(request)
    this.#settle()
  }

  /** Resolves when every request received so far is answered. */
  async settled(): Promise<void> {
    if (this.size === 0) return
    this.#whenSettled ??= Promise.withResolvers()
    await this.#whenSettled.promise
  }

  /** Forgets everything; nothing is answered. */
  [Symbol.dispose](): void {
    this.#waiting[Symbol.dispose]()
    this.#sent.clear()
  }

  #lose({ frame, ...request }: SentRequest): void {
    if (frame !== undefined) return this.wait({ ...request, frame })
    const message = 'The connection to the worker was lost. Nobody knows whether the request was carried out.'
    this.#fail(request, new ServiceError('connection_closed', message), 'unknown')
  }

  #expired(request: UnsentRequest): void {
    const { patienceMs, whyNone } = this.#options
    const message = `No worker took this request within ${patienceMs} ms. ${whyNone()}`
    this.#fail(request, new ServiceError('server_unavailable', message, { retryAfterMs: RETRY_AFTER_MS }), 'no')
    this.#settle()
  }

  #fail({ id, number }: KnownRequest, error: ServiceError, delivered: 'no' | 'unknown'): void {
    const { server, send } = this.#options
    send(failureFrame(id, error, { server, delivered, requestId: number }))
  }

  #settle(): void {
    if (this.size > 0) return
    this.#whenSettled?.resolve()
    this.#whenSettled = undefined
  }
}

const MAX_NAMED = 5

function toText(requests: readonly KnownRequest[]): string {
  const named = requests.slice(0, MAX_NAMED).map(({ number, method }) => `${method} (request ${number})`)
  const more = requests.length - named.length
  return `${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

/** Why a client's request is refused that is one more than {@link MAX_IN_FLIGHT}. */
export function tooManyInFlight(): ServiceError {
  const message = `The client has ${MAX_IN_FLIGHT} requests in flight already, as many as it may.`
  return new ServiceError('overloaded', message)
}
