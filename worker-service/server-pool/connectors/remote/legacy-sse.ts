import type { ServiceError } from '../../../../shared/errors/service-error.ts'
import { toLine } from '../../../../shared/frames/to-line.ts'
import { readEventStream, StreamPosition } from './event-stream.ts'
import { type HttpExchange, mediaTypeOf } from './http-exchange.ts'
import type { Inbox, OutgoingMessage, RemoteProtocol } from './remote-connection.ts'
import type { RemoteEndpoint } from './remote-endpoint.ts'
import { notMcpError, refusalError, remoteError, stoppedError, toRemoteError } from './remote-failure.ts'

/** What the older transport needs of its surroundings. */
export interface LegacySseOptions {
  endpoint: RemoteEndpoint
  inbox: Inbox
  maxMessageBytes: number
  /** How long the server may take to say where it takes messages. */
  openTimeoutMs: number
}

const ACCEPT_TIMEOUT_MS = 30_000
const POST_HEADERS = ['content-type', 'application/json', 'accept', 'application/json']

/**
 * The transport of MCP 2024-11-05: one event stream brings everything, its first event says where messages are posted to. The session is
 * that stream: when it ends, the connection is lost.
 */
export class LegacySse implements RemoteProtocol {
  readonly #endpoint: RemoteEndpoint
  readonly #inbox: Inbox
  readonly #maxMessageBytes: number
  readonly #openTimeoutMs: number
  readonly #life = new AbortController()
  readonly #messagePath = Promise.withResolvers<string>()
  #isOpen = false

  constructor({ endpoint, inbox, maxMessageBytes, openTimeoutMs }: LegacySseOptions) {
    // Whoever waits for it is told; with nobody waiting, nothing is lost.
    this.#messagePath.promise.catch(() => {})
    this.#endpoint = endpoint
    this.#inbox = inbox
    this.#maxMessageBytes = maxMessageBytes
    this.#openTimeoutMs = openTimeoutMs
  }

  /** Opens the stream and waits until the server has said where it takes messages. Rejects with a ServiceError, or the signal's reason. */
  async open(signal: AbortSignal): Promise<void> {
    const late = AbortSignal.timeout(this.#openTimeoutMs)
    const leave = () => this.#life.abort(signal.aborted ? signal.reason : this.#tooLate())
    const either = AbortSignal.any([signal, late])
    either.addEventListener('abort', leave)
    try {
      const timeouts = { headersTimeoutMs: 0, bodyTimeoutMs: 0 }
      const request = { method: 'GET' as const, headers: ['accept', 'text/event-stream'], ...timeouts }
      const reply = await this.#endpoint.request(request, this.#life.signal)
      const { status, headers } = reply.head
      const { site } = this.#endpoint
      if (status !== 200) throw refusalError(site, reply.head, await this.#endpoint.readBeginning(reply))
      if (mediaTypeOf(headers) !== 'text/event-stream') throw notMcpError(site, mediaTypeOf(headers))
      void this.#listen(reply.exchange)
      await this.#messagePath.promise
      this.#isOpen = true
    } finally {
      either.removeEventListener('abort', leave)
    }
  }

  async carry({ frame, sent }: OutgoingMessage, signal: AbortSignal): Promise<void> {
    const path = await this.#messagePath.promise
    const timeouts = { headersTimeoutMs: ACCEPT_TIMEOUT_MS, bodyTimeoutMs: ACCEPT_TIMEOUT_MS }
    const request = { method: 'POST' as const, path, headers: POST_HEADERS, body: frame, onSent: sent, ...timeouts }
    const reply = await this.#endpoint.request(request, signal)
    const { status } = reply.head
    if (status >= 200 && status < 300) return this.#endpoint.discard(reply)
    const error = refusalError(this.#endpoint.site, reply.head, await this.#endpoint.readBeginning(reply))
    // It knows the address no more, and nothing but a new stream gives another.
    if (status === 404 || status === 410) this.#inbox.lost(this.#closed())
    throw error
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#life.abort(stoppedError(this.#endpoint.site))
    return Promise.resolve()
  }

  async #listen(exchange: HttpExchange): Promise<void> {
    const reader = {
      message: (data: Buffer) => void this.#inbox.take(toLine(data)),
      other: (type: string, data: Buffer) => {
        if (type === 'endpoint') this.#takeMessagePath(data.toString())
      },
      oversized: () => this.#inbox.oversized('unknown'),
    }
    const { site } = this.#endpoint
    const error = await readEventStream(exchange, new StreamPosition(), {
      reader,
      maxMessageBytes: this.#maxMessageBytes,
      rest: () => this.#inbox.rest(),
    }).then(
      () => this.#closed(),
      (thrown: unknown) => toRemoteError(thrown, site, true),
    )
    this.#messagePath.reject(error)
    if (this.#isOpen) this.#inbox.lost(error)
  }

  #takeMessagePath(text: string): void {
    const { site } = this.#endpoint
    const url = URL.parse(text.trim(), site.origin + site.path)
    if (url?.origin === site.origin) return this.#messagePath.resolve(url.pathname + url.search)
    const problem = 'it wants its messages sent to another place than its own, which is not done.'
    this.#messagePath.reject(remoteError(site, problem))
  }

  #tooLate(): ServiceError {
    const problem = `it did not say within ${this.#openTimeoutMs} ms where it takes messages. Is its "type" "http"?`
    return remoteError(this.#endpoint.site, problem, { code: 'timeout' })
  }

  #closed(): ServiceError {
    return remoteError(this.#endpoint.site, 'it closed its stream of events.', { code: 'connection_closed' })
  }
}
