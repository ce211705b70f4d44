import { METHOD_NOT_FOUND } from '../../shared/errors/json-rpc-code.ts'
import { ServiceError } from '../../shared/errors/service-error.ts'
import { MAX_JSON_NESTING, nestsDeeperThan } from '../../shared/json-nesting.ts'
import { isJsonObject } from '../../shared/json-object.ts'
import type { AnsweredRequestId } from '../routing/failed-calls.ts'
import type { Connection, ConnectionEnd } from './connectors/connector.ts'
import { describeEnd } from './describe-end.ts'
import { RefusedRequest } from './refused-request.ts'

type Pending = PromiseWithResolvers<unknown>

/** Our end of a JSON-RPC connection to a server: matches answers with requests, and answers what the server asks. */
export class JsonRpcPeer {
  readonly #server: string
  readonly #connection: Connection
  readonly #pending = new Map<number, Pending>()
  #lastId = 0
  #unreadableFrames = 0
  #failure: ServiceError | undefined

  constructor(server: string, connection: Connection) {
    this.#server = server
    this.#connection = connection
    connection.receive({
      frame: (bytes) => this.#take(bytes),
      oversizedFrame: (answered) => this.#failOversized(answered),
      unanswered: (id, error) => this.#pending.get(id)?.reject(error),
    })
    void connection.closed.then((end) => this.#fail(end))
  }

  /** Lines from the server that were no JSON-RPC messages and were skipped. */
  get skippedLines(): number {
    return this.#connection.skippedLines + this.#unreadableFrames
  }

  /** The server's last lines of error output, as the end of a message; empty where there are none. */
  quoteLastLines(): string {
    const lines = this.#connection.lastWords()
    return lines.length === 0 ? '' : ` Its last lines: ${lines.join(' | ')}`
  }

  /**
   * Asks the server and resolves with its result. Rejects with `RefusedRequest`, `connection_closed`, `too_large`, or the signal's reason;
   * the server is told then, and its answer dropped.
   */
  async request(method: string, params: unknown, signal: AbortSignal): Promise<unknown> {
    signal.throwIfAborted()
    if (this.#failure !== undefined) throw this.#failure
    const id = ++this.#lastId
    const pending: Pending = Promise.withResolvers()
    this.#pending.set(id, pending)
    const cancel = () => {
      pending.reject(signal.reason)
      this.notify('notifications/cancelled', { requestId: id })
    }
    signal.addEventListener('abort', cancel, { once: true })
    try {
      this.#send({ id, method, params }).catch(pending.reject)
      return await pending.promise
    } finally {
      signal.removeEventListener('abort', cancel)
      this.#pending.delete(id)
    }
  }

  /** Tells the server something. It may not arrive, and nobody waits for it. */
  notify(method: string, params?: unknown): void {
    this.#send({ method, params }).catch(() => {})
  }

  async #send(message: Record<string, unknown>): Promise<void> {
    try {
      await this.#connection.send(JSON.stringify({ jsonrpc: '2.0', ...message }))
    } catch (thrown) {
      // The end of the connection tells the reason, to this request and all others.
      if (!(ServiceError.is(thrown) && thrown.code === 'connection_closed')) throw thrown
    }
  }

  #take(bytes: Buffer): void {
    const message = parse(bytes)
    if (message === undefined) {
      this.#unreadableFrames++
      return
    }
    const { id, method } = message
    if (typeof method === 'string') {
      if (typeof id === 'string' || typeof id === 'number') this.#answer(id, method)
      return
    }
    const pending = typeof id === 'number' ? this.#pending.get(id) : undefined
    if (pending === undefined) return
    if (nestsDeeperThan(MAX_JSON_NESTING, bytes))
      return pending.reject(this.#error('too_large', 'its answer nests too deep.'))
    if (isJsonObject(message.error)) return pending.reject(this.#refusal(message.error))
    if (message.result === undefined)
      return pending.reject(this.#error('server_unavailable', 'its answer has no result.'))
    pending.resolve(message.result)
  }

  #answer(id: string | number, method: string): void {
    const outcome =
      method === 'ping'
        ? { result: {} }
        : {
            error: {
              code: METHOD_NOT_FOUND,
              message: `This client has no method ${JSON.stringify(method.slice(0, 100))}.`,
            },
          }
    this.#send({ id, ...outcome }).catch(() => {})
  }

  // Whose answer it was is not always known; where one request alone waits for one, it was that.
  #failOversized(answered: AnsweredRequestId): void {
    const [only, ...others] = this.#pending.values()
    const unknown = answered === 'unknown' && others.length === 0 ? only : undefined
    const pending = typeof answered === 'number' ? this.#pending.get(answered) : unknown
    pending?.reject(this.#error('too_large', 'its answer is too large. Raise its "maxMessageBytes".'))
  }

  #fail(end: ConnectionEnd): void {
    this.#failure =
      end.kind === 'lost' ? end.error : this.#error('connection_closed', `${describeEnd(end)}${this.quoteLastLines()}`)
    for (const pending of this.#pending.values()) pending.reject(this.#failure)
  }

  #refusal({ code, message }: Record<string, unknown>): RefusedRequest {
    const rpcCode = typeof code === 'number' ? code : 0
    const text = typeof message === 'string' ? message.slice(0, 1_000) : 'no reason given'
    return new RefusedRequest(`server "${this.#server}" refused: ${text} (${rpcCode})`, rpcCode)
  }

  #error(code: 'too_large' | 'server_unavailable' | 'connection_closed', text: string): ServiceError {
    return new ServiceError(code, `server "${this.#server}": ${text}`)
  }
}

function parse(bytes: Buffer): Record<string, unknown> | undefined {
  try {
    // Bytes that are no UTF-8 are replaced: one bad character in a description costs nobody the tool.
    const message: unknown = JSON.parse(bytes.toString('utf8'))
    return isJsonObject(message) ? message : undefined
  } catch {
    return undefined
  }
}
