import type { Agent, Dispatcher } from 'undici'

/** One HTTP request. `headers` are names and values in turn; `path` is below the origin. */
export interface HttpRequest {
  method: 'GET' | 'POST' | 'DELETE'
  path: string
  headers: string[]
  body?: Buffer
  /** How long the head of the answer may take, in milliseconds; 0 for ever. */
  headersTimeoutMs: number
  /** How long the body may pause, in milliseconds; 0 for ever. */
  bodyTimeoutMs: number
}

/** The head of an answer. Names of headers are in lower case. */
export interface ReplyHead {
  status: number
  headers: ReplyHeaders
}

export type ReplyHeaders = Readonly<Record<string, string | string[] | undefined>>

/**
 * One request under way and its answer as it comes. Over `dispatch`, where no stream stands between the socket and who reads.
 * To be read with `read` or given up with `abort`, as its connection is free for others only then.
 */
export class HttpExchange {
  /** Resolves when the request has left; rejects when it never did. */
  readonly sent: Promise<void>
  readonly head: Promise<ReplyHead>
  readonly #sent = Promise.withResolvers<void>()
  readonly #head = Promise.withResolvers<ReplyHead>()
  readonly #end = Promise.withResolvers<void>()
  #controller: Dispatcher.DispatchController | undefined
  #aborted: Error | undefined
  #signal: AbortSignal | undefined
  #early: Buffer[] = []
  #reader: ((chunk: Buffer) => void) | undefined
  #rest: (() => Promise<void> | undefined) | undefined

  constructor() {
    this.sent = this.#sent.promise
    this.head = this.#head.promise
    // Whoever does not wait for one of them learns of a failure from another.
    for (const promise of [this.sent, this.head, this.#end.promise]) promise.catch(() => {})
  }

  /** Sends the request; the signal gives it up, also while the body comes. To be called once. */
  start(to: { agent: Agent; origin: string }, request: HttpRequest, signal: AbortSignal): void {
    const { headersTimeoutMs, bodyTimeoutMs, body = null, ...rest } = request
    this.#signal = signal
    signal.addEventListener('abort', this.#leave)
    const timeouts = { headersTimeout: headersTimeoutMs, bodyTimeout: bodyTimeoutMs }
    to.agent.dispatch({ ...rest, ...timeouts, body, origin: to.origin }, this)
  }

  /**
   * Delivers the body as it comes and resolves at its end. Rejects with what went wrong on the way. After each chunk nothing is read until
   * `rest` is over, where there is to be one. To be called once.
   */
  read(reader: (chunk: Buffer) => void, rest?: () => Promise<void> | undefined): Promise<void> {
    this.#reader = reader
    this.#rest = rest
    const early = this.#early
    this.#early = []
    for (const chunk of early) reader(chunk)
    return this.#end.promise
  }

  /** Gives the exchange up: what is still waited for rejects with `reason`, and the connection is closed. */
  abort(reason: Error): void {
    this.#aborted ??= reason
    this.#controller?.abort(reason)
    this.#fail(reason)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // Given up while it waited for a connection: thrown, nothing is sent and the connection stays usable.
    if (this.#aborted !== undefined) throw this.#aborted
    this.#controller = controller
  }

  onRequestSent(): void {
    this.#sent.resolve()
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: ReplyHeaders): void {
    if (status < 200) return
    this.#sent.resolve()
    this.#head.resolve({ status, headers })
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#reader === undefined) {
      this.#early.push(chunk)
      return
    }
    this.#reader(chunk)
    const rest = this.#rest?.()
    if (rest === undefined) return
    controller.pause()
    void rest.then(() => controller.resume())
  }

  onResponseEnd(): void {
    this.#signal?.removeEventListener('abort', this.#leave)
    this.#end.resolve()
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#fail(error)
  }

  readonly #leave = (): void => this.abort(this.#signal?.reason)

  #fail(error: Error): void {
    this.#signal?.removeEventListener('abort', this.#leave)
    this.#sent.reject(error)
    this.#head.reject(error)
    this.#end.reject(error)
  }
}

/** The text of a header; the first one where it came several times. */
export function headerOf(headers: ReplyHeaders, name: string): string | undefined {
  const value = headers[name]
  return typeof value === 'string' ? value : value?.[0]
}

/** How a body is encoded, in lower case; undefined where it is as it is. */
export function contentCodingOf(headers: ReplyHeaders): string | undefined {
  const coding = headerOf(headers, 'content-encoding')?.trim().toLowerCase() ?? ''
  return coding === '' || coding === 'identity' ? undefined : coding
}

/** The media type of a body, in lower case and without parameters; empty where none is given. */
export function mediaTypeOf(headers: ReplyHeaders): string {
  return (headerOf(headers, 'content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
}
