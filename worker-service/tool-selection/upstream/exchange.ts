import type { Agent, Dispatcher } from 'undici'
import { replyFailure, toExchangeError } from './api-failure.ts'
import type { ApiSite } from './api-site.ts'

/** One request to an API. `path` is below the origin; `headers` are names and values in turn. */
export interface ApiRequest {
  method: 'GET' | 'POST' | 'PATCH'
  path: string
  headers: string[]
  body?: string
}

/** What came back: a whole reply, at most `maxResponseBytes` long, never encoded. */
export interface ApiReply {
  status: number
  headers: ReplyHeaders
  body: Buffer
}

export type ReplyHeaders = Readonly<Record<string, string | string[] | undefined>>

/** The API an exchange is held with, and what holds for every one of them. */
export interface Upstream {
  agent: Agent
  site: ApiSite
  timeoutMs: number
  maxResponseBytes: number
}

/**
 * Sends one request and reads its whole reply. Throws the signal's reason, or a ApiFailure for what went wrong on the way.
 * Over `dispatch`, which costs a sixth less than `request`: no stream stands between the socket and the reply.
 */
export async function exchange(request: ApiRequest, upstream: Upstream, signal: AbortSignal): Promise<ApiReply> {
  signal.throwIfAborted()
  const handler = new ReplyHandler(upstream, signal)
  upstream.agent.dispatch({ ...request, origin: upstream.site.origin }, handler)
  return handler.reply
}

class ReplyHandler implements Dispatcher.DispatchHandler {
  readonly reply: Promise<ApiReply>
  readonly #resolve: (reply: ApiReply) => void
  readonly #reject: (error: unknown) => void
  readonly #upstream: Upstream
  readonly #signal: AbortSignal
  readonly #chunks: Buffer[] = []
  #controller: Dispatcher.DispatchController | undefined
  #answered = false
  #status = 0
  #headers: ReplyHeaders = {}
  #bytes = 0

  constructor(upstream: Upstream, signal: AbortSignal) {
    const { promise, resolve, reject } = Promise.withResolvers<ApiReply>()
    this.reply = promise
    this.#resolve = resolve
    this.#reject = reject
    this.#upstream = upstream
    this.#signal = signal
    signal.addEventListener('abort', this.#abort)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // A caller who left while the request waited for a connection: thrown, nothing is sent and the connection stays usable.
    this.#signal.throwIfAborted()
    this.#controller = controller
  }

  onResponseStarted(): void {
    this.#answered = true
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: ReplyHeaders): void {
    if (status < 200) return
    this.#status = status
    this.#headers = headers
    const encoding = headers['content-encoding'] ?? 'identity'
    if (encoding !== 'identity') {
      this.#refuse(controller, 'answered with a compressed body, which was not asked for.')
    } else if (Number(headers['content-length']) > this.#upstream.maxResponseBytes) {
      this.#refuse(controller, this.#tooLong())
    }
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytes += chunk.length
    if (this.#bytes > this.#upstream.maxResponseBytes) this.#refuse(controller, this.#tooLong())
    else this.#chunks.push(chunk)
  }

  onResponseEnd(): void {
    this.#release()
    const [first, ...others] = this.#chunks
    const body = first !== undefined && others.length === 0 ? first : Buffer.concat(this.#chunks)
    this.#resolve({ status: this.#status, headers: this.#headers, body })
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#release()
    this.#reject(toExchangeError(error, { ...this.#upstream, answered: this.#answered }))
  }

  // What has come of a refused reply is dropped with its connection, so that none of the rest is read.
  #refuse(controller: Dispatcher.DispatchController, problem: string): void {
    controller.abort(replyFailure(this.#upstream.site, problem))
  }

  #tooLong(): string {
    return `answered with more than ${this.#upstream.maxResponseBytes} bytes.`
  }

  readonly #abort = (): void => {
    const reason: Error = this.#signal.reason
    this.#release()
    this.#controller?.abort(reason)
    this.#reject(reason)
  }

  #release(): void {
    this.#signal.removeEventListener('abort', this.#abort)
  }
}
