import { copyToKeep } from '../../shared/copy-to-keep.ts'
import { unlessAborted } from '../../shared/deadline.ts'
import { ERROR_CODES, type ErrorCode } from '../../shared/errors/error-code.ts'
import {
  INVALID_PARAMS,
  INVALID_REQUEST,
  JSON_RPC_BY_CODE,
  METHOD_NOT_FOUND,
} from '../../shared/errors/json-rpc-code.ts'
import { refusalError } from '../../shared/errors/json-rpc-error.ts'
import { ServiceError } from '../../shared/errors/service-error.ts'
import { type AnswerFrame, type RequestFrame, scanFrame } from '../../shared/frames/frame-scan.ts'
import { errorFrame, notificationFrame, requestFrame } from '../../shared/frames/frame-write.ts'
import { LATEST_PROTOCOL_VERSION } from '../../shared/frames/protocol-version.ts'
import { isJsonObject } from '../../shared/json-object.ts'
import { VERSION } from '../../shared/version.ts'
import type { PoolClient, Session } from './client-session.ts'
import { RefusedRequest } from './refused-request.ts'

/** What is asked of a server. */
export interface ServerRequest {
  readonly method: string
  readonly params: Record<string, unknown>
  /** One of the params, JSON text of an object that is put there as it is. */
  readonly arguments?: Buffer
  /** Is told the params of each progress notification. */
  readonly progressed?: (params: unknown) => void
}

interface Pending extends PromiseWithResolvers<Buffer> {
  readonly progressed: ((params: unknown) => void) | undefined
}

const INITIALIZE = 0

// Where one number stands for several errors, this is the one that a call without a session can meet.
const CODE_BY_JSON_RPC: ReadonlyMap<number, ErrorCode> = new Map([
  ...ERROR_CODES.map((code) => [JSON_RPC_BY_CODE[code], code] as const),
  [INVALID_REQUEST, 'unauthenticated'],
  [INVALID_PARAMS, 'unknown_tool'],
])

/**
 * Asks a pooled server on behalf of callers that have no session, or of the service itself: together they are one client, which has the
 * server open while any of them waits.
 */
export class ServerCaller implements PoolClient {
  readonly identity = 'calls without a session'
  readonly isService: boolean
  readonly #server: string
  readonly #open: (client: PoolClient) => Session
  readonly #pending = new Map<number, Pending>()
  #session: Session | undefined
  #isIntroduced = false
  /** The server's result of initialize, JSON text as it came; while the session lasts. */
  #greeting: Buffer | undefined
  #lastId = INITIALIZE

  constructor(server: string, open: (client: PoolClient) => Session, { isService } = { isService: false }) {
    this.#server = server
    this.#open = open
    this.isService = isService
  }

  /** Resolves with the server's result of initialize; one that was never met is started for it. Rejects as {@link request} does. */
  async greet(signal: AbortSignal): Promise<Buffer> {
    signal.throwIfAborted()
    if (this.#greeting !== undefined) return this.#greeting
    return unlessAborted((this.#pending.get(INITIALIZE) ?? this.#awaitGreeting()).promise, signal)
  }

  /**
   * Resolves with the result, JSON text as the server sent it. Rejects with `RefusedRequest` where the server answers with an error, a
   * ServiceError, or the signal's reason; the server is told then.
   */
  async request(request: ServerRequest, signal: AbortSignal): Promise<Buffer> {
    signal.throwIfAborted()
    const session = this.#introduce()
    const id = ++this.#lastId
    const pending: Pending = { ...Promise.withResolvers<Buffer>(), progressed: request.progressed }
    this.#pending.set(id, pending)
    const cancel = () => {
      pending.reject(signal.reason)
      session.send(notificationFrame('notifications/cancelled', { requestId: id }))
    }
    signal.addEventListener('abort', cancel, { once: true })
    try {
      session.send(toFrame(id, request))
      return await pending.promise
    } finally {
      signal.removeEventListener('abort', cancel)
      this.#pending.delete(id)
      if (this.#pending.size === 0) this.#close()
    }
  }

  frame(bytes: Buffer): void {
    const frame = scanFrame(bytes)
    switch (frame.kind) {
      case 'answer':
        return this.#answered(frame)
      case 'notification':
        if (frame.method === 'notifications/progress') this.#progressed(bytes)
        return
      case 'request':
        return this.#refuse(frame)
      case 'unusable':
        return
    }
  }

  closed(reason: ServiceError): void {
    this.#forgetSession()
    for (const { reject } of this.#pending.values()) reject(reason)
    this.#pending.delete(INITIALIZE)
  }

  /** Is settled by the answer to initialize, for all who wait for it. */
  #awaitGreeting(): Pending {
    const pending: Pending = { ...Promise.withResolvers<Buffer>(), progressed: undefined }
    // Whoever waits for it may give up before.
    pending.promise.catch(() => {})
    this.#pending.set(INITIALIZE, pending)
    try {
      this.#introduce()
    } catch (thrown) {
      this.#pending.delete(INITIALIZE)
      throw thrown
    }
    return pending
  }

  /** The session, introduced to the server. A server that could not be had knows nobody, so it is told again. */
  #introduce(): Session {
    this.#session ??= this.#open(this)
    if (this.#isIntroduced) return this.#session
    this.#isIntroduced = true
    const clientInfo = { name: 'pilotlight', version: VERSION }
    const params = { protocolVersion: LATEST_PROTOCOL_VERSION, capabilities: {}, clientInfo }
    const session = this.#session
    session.send(requestFrame(INITIALIZE, 'initialize', params))
    session.send(notificationFrame('notifications/initialized'))
    return session
  }

  #close(): void {
    this.#session?.close()
    this.#forgetSession()
  }

  // The next one may be with a server that says something else.
  #forgetSession(): void {
    this.#session = undefined
    this.#isIntroduced = false
    this.#greeting = undefined
  }

  #answered({ id, failed, bytes, spans }: AnswerFrame): void {
    const pending = typeof id.value === 'number' ? this.#pending.get(id.value) : undefined
    const span = spans.get('result')
    const result = span && bytes.subarray(span.start, span.end)
    if (id.value === INITIALIZE) {
      this.#isIntroduced &&= !failed
      this.#greeting = result === undefined ? this.#greeting : copyToKeep(result)
    }
    if (failed) pending?.reject(this.#toError(JSON.parse(bytes.toString())))
    else if (result !== undefined) pending?.resolve(result)
    if (id.value === INITIALIZE && this.#pending.delete(INITIALIZE) && this.#pending.size === 0) this.#close()
  }

  #progressed(bytes: Buffer): void {
    const { params } = JSON.parse(bytes.toString()) as { params: { progressToken?: unknown } }
    const { progressToken } = params
    if (typeof progressToken === 'number') this.#pending.get(progressToken)?.progressed?.(params)
  }

  #refuse({ id, method }: RequestFrame): void {
    const error = refusalError(this.#server, METHOD_NOT_FOUND, `This client has no method ${method}.`)
    this.#session?.send(errorFrame(id.raw, error))
  }

  // Our own errors are known by their data.
  #toError({ error }: { error?: unknown }): ServiceError {
    const { code, message, data } = toObject(error)
    const text = typeof message === 'string' ? message.slice(0, 4_000) : 'no reason given'
    const rpcCode = typeof code === 'number' ? code : 0
    const { server, delivered, retryAfterMs } = toObject(data)
    const own = CODE_BY_JSON_RPC.get(rpcCode)
    if (own === undefined || server !== this.#server || delivered === undefined) {
      return new RefusedRequest(`server "${this.#server}" refused: ${text} (${rpcCode})`, { rpcCode, details: error })
    }
    return new ServiceError(own, text, { details: data, ...(typeof retryAfterMs === 'number' && { retryAfterMs }) })
  }
}

function toFrame(id: number, { method, params, arguments: args, progressed }: ServerRequest): Buffer {
  const frame = requestFrame(id, method, progressed === undefined ? params : withProgressToken(params, id))
  if (args === undefined) return frame
  // Before the braces that close the params and the frame.
  const end = frame.length - 2
  return Buffer.concat([frame.subarray(0, end), Buffer.from(',"arguments":'), args, frame.subarray(end)])
}

function withProgressToken(params: Record<string, unknown>, progressToken: number): Record<string, unknown> {
  return { ...params, ['_meta']: { ...toObject(params['_meta']), progressToken } }
}

function toObject(value: unknown): Record<string, unknown> {
  return isJsonObject(value) ? value : {}
}
