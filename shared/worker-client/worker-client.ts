import type { Agent, IncomingMessage, RequestOptions } from 'node:http'
import type { Health } from '../contracts/health.ts'
import { WORKER_SERVICE_NAME } from '../contracts/service-name.ts'
import { ServiceError } from '../errors/service-error.ts'
import { systemCodeOf } from '../errors/system-code.ts'
import { parseJson } from '../parse-json.ts'

/** One HTTP request to the worker. `fresh` opens a connection of its own instead of taking a kept-alive one. */
export interface WorkerRequest {
  method: 'GET' | 'POST' | 'DELETE'
  path: string
  body?: string | Buffer
  headers?: Readonly<Record<string, string>>
  fresh?: boolean
}

/** A whole answer: `headers` in lower case, `body` as text. */
export interface WorkerResponse {
  status: number
  headers: IncomingMessage['headers']
  body: string
}

/** How a {@link WorkerClient} reaches its worker. */
export interface WorkerClientOptions {
  /** `http://` or `https://` without a trailing slash; where it may change it is asked for anew before each `fresh` request. */
  url: string | (() => string)
  /** The Unix socket on which it is met instead of where the URL says. */
  socketPath?: string
  /** The token as it is known now. Asked before the first request, and again after a 401. */
  readToken: () => string | undefined
  /** Bytes of one answer, 8 MiB by default. */
  maxResponseBytes?: number
}

const MAX_RESPONSE_BYTES = 8 * 1024 * 1024
// Typed by the contract, whose own constant would load zod.
const HEALTHY: Health['status'] = 'healthy'

/**
 * Asks a worker over kept-alive connections. Every method rejects with the signal's reason when it aborts and with ServiceError
 * `connection_closed` when there was no complete answer; what the answer says is the caller's to judge.
 */
export class WorkerClient implements Disposable {
  readonly #options: WorkerClientOptions & Required<Pick<WorkerClientOptions, 'maxResponseBytes'>>
  #opened: Opened | undefined
  #token: { value: string | undefined } | undefined

  constructor(options: WorkerClientOptions) {
    this.#options = { maxResponseBytes: MAX_RESPONSE_BYTES, ...options }
  }

  /** Where the worker is asked, or would be. */
  get url(): string {
    return this.#opened?.url ?? this.#locate()
  }

  /** Sends one request and reads the whole answer. Rejects with `too_large` when the answer is longer than allowed. */
  async request(request: WorkerRequest, signal: AbortSignal): Promise<WorkerResponse> {
    const response = await this.exchange(request, signal)
    try {
      const body = await readBytes(response, this.#options.maxResponseBytes)
      return { status: response.statusCode ?? 0, headers: response.headers, body: body.toString() }
    } catch (thrown) {
      response.destroy()
      throw signal.aborted ? signal.reason : this.#toServiceError(thrown)
    }
  }

  /** Sends one request and resolves with the answer as it comes, its body yet to be read. When the signal aborts, that breaks off. */
  async exchange(request: WorkerRequest, signal: AbortSignal): Promise<IncomingMessage> {
    this.#token ??= { value: this.#options.readToken() }
    const response = await this.#send(request, signal)
    if (response.statusCode !== 401) return response
    // A worker that was started anew may have a new token.
    const value = this.#options.readToken()
    if (value === undefined || value === this.#token.value) return response
    this.#token = { value }
    response.resume()
    return this.#send(request, signal)
  }

  /** Resolves with the worker's version when it is alive. Always asks over a new connection: a draining worker still serves the old ones. */
  async health(signal: AbortSignal): Promise<string> {
    const { status, body } = await this.request({ method: 'GET', path: '/health', fresh: true }, signal)
    const health = parseObject<Health>(body)
    const isHealthy = status === 200 && health?.service === WORKER_SERVICE_NAME && health.status === HEALTHY
    if (isHealthy && typeof health.version === 'string') return health.version
    throw new ServiceError('server_unavailable', `What answers at ${this.url} is not a Pilotlight worker.`)
  }

  /** `POST /find_tools` with a JSON body. */
  findTools(
    { body, ...request }: Pick<WorkerRequest, 'headers' | 'fresh'> & { body: string },
    signal: AbortSignal,
  ): Promise<WorkerResponse> {
    return this.request({ ...request, method: 'POST', path: '/find_tools', body }, signal)
  }

  /** Closes every connection; requests in flight reject. */
  [Symbol.dispose](): void {
    this.#opened?.agent.destroy()
    this.#opened = undefined
  }

  #send({ method, path, body, headers, fresh }: WorkerRequest, signal: AbortSignal): Promise<IncomingMessage> {
    const { http, agent, base } = this.#open(fresh)
    const options: RequestOptions = {
      ...base,
      method,
      path: `${base.path}${path}`,
      // `false` makes Node use a connection for this request alone.
      agent: fresh ? false : agent,
      headers: { ...headers, ...this.#authorization(), ...contentHeaders(body) },
    }
    return new Promise((resolve, reject) => {
      const fail = (cause: unknown) => reject(signal.aborted ? signal.reason : this.#toServiceError(cause))
      const request = http.request(options, resolve)
      request.on('error', fail)
      // Not the `signal` option: what it registers lives on until a major collection.
      const abandon = () => void request.destroy()
      signal.addEventListener('abort', abandon)
      request.on('close', () => signal.removeEventListener('abort', abandon))
      if (signal.aborted) abandon()
      else request.end(body)
    })
  }

  #open(fresh = false): Opened {
    const url = this.#opened === undefined || fresh ? this.#locate() : this.#opened.url
    // What is under way where the worker was goes on.
    if (this.#opened?.url !== url) this.#opened = open(url, this.#options.socketPath)
    return this.#opened
  }

  #locate(): string {
    const { url } = this.#options
    return typeof url === 'string' ? url : url()
  }

  #authorization(): Record<string, string> {
    const value = this.#token?.value
    return value === undefined ? {} : { authorization: `Bearer ${value}` }
  }

  #toServiceError(cause: unknown): ServiceError {
    if (ServiceError.is(cause)) return cause
    return new ServiceError('connection_closed', `The worker at ${this.url} gave no answer (${reasonOf(cause)}).`, {
      cause,
    })
  }
}

interface Opened {
  url: string
  http: Pick<typeof import('node:http'), 'request'>
  agent: Agent
  /** Where the worker is, as request options; `path` is what stands before every path. */
  base: { protocol: string; hostname: string; port: string; path: string; socketPath?: string }
}

// Loaded at the first request: a program that has not asked anything yet starts as fast as an empty Node.
function open(url: string, socketPath: string | undefined): Opened {
  const { protocol, hostname, port, pathname } = new URL(url)
  const http = process.getBuiltinModule(protocol === 'https:' ? 'node:https' : 'node:http')
  const place = { protocol, hostname: hostname.replace(/^\[|\]$/g, ''), port, path: pathname.replace(/\/$/, '') }
  const base = socketPath === undefined ? place : { ...place, socketPath }
  // Last in, first out: under little load the same warm connection serves every call and the others may close.
  return { url, http, base, agent: new http.Agent({ keepAlive: true, maxSockets: Infinity, scheduling: 'lifo' }) }
}

function contentHeaders(body: string | Buffer | undefined): Record<string, string | number> {
  if (body === undefined) return {}
  return { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
}

/** All of an answer. Rejects with `too_large` when it is longer than allowed. */
export function readBytes(response: IncomingMessage, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    response.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= maxBytes) chunks.push(chunk)
      else reject(new ServiceError('too_large', `The worker's answer is longer than ${maxBytes} bytes.`))
    })
    response.on('error', reject)
    response.on('close', () => reject(new Error('closed in the middle of the answer')))
    response.on('end', () => resolve(Buffer.concat(chunks)))
  })
}

function parseObject<T extends object>(text: string): Partial<T> | undefined {
  return (parseJson(text) as Partial<T> | null) ?? undefined
}

const REASONS: Record<string, string> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EPIPE: 'connection reset',
  ENOTFOUND: 'its name is not known',
  EAI_AGAIN: 'its name cannot be looked up',
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return 'unknown reason'
  const code = systemCodeOf(cause)
  return REASONS[code] ?? (code === '' ? cause.message : code)
}
