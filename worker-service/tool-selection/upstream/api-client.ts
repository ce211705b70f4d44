import { setTimeout as wait } from 'node:timers/promises'
import type { Agent } from 'undici'
import type { ErrorCode } from '../../../shared/errors/error-code.ts'
import { ServiceError } from '../../../shared/errors/service-error.ts'
import { ApiFailure, shuttingDown } from './api-failure.ts'
import type { ApiSite } from './api-site.ts'
import { CallDeadline } from './call-deadline.ts'
import { type ApiCircuit, createCircuit } from './circuit.ts'
import { type ApiReply, type ApiRequest, exchange, type Upstream } from './exchange.ts'
import { sameOriginRedirect } from './same-origin-redirect.ts'

/** Told what happens between us and an API, so that reuse and failures become visible. */
export interface ApiObserver {
  connectionOpened(): void
  connectionClosed(): void
  /** A call ended, retry and reading of the reply included. Calls that an open circuit refused are no requests. */
  requestFinished(outcome: 'success' | ErrorCode, durationMs: number): void
  /** The API could not be reached several times in a row: calls are refused at once until it is back. */
  circuitOpened(): void
  circuitClosed(): void
}

/** What a client of an API needs. Times are milliseconds. */
export interface ApiClientOptions {
  site: ApiSite
  /** The deadline of one call, retry and redirect included. */
  timeoutMs: number
  maxResponseBytes: number
  observer: ApiObserver
  /** From 0 up to 1: spreads retries. */
  random: () => number
}

// As many calls at once as a busy worker makes; the rest waits for a connection within its deadline.
const MAX_CONNECTIONS = 128
const KEEP_ALIVE_MS = 60_000
const CONNECT_TIMEOUT_MS = 10_000
const RETRY_PAUSE_MS = { least: 10, most: 60 }

/** Calls one API over kept-alive connections: deadline, circuit, one retry on a lost connection, one redirect within its origin. */
export class ApiClient implements AsyncDisposable {
  readonly #options: ApiClientOptions
  #line: Promise<Line> | undefined
  #disposed = false

  constructor(options: ApiClientOptions) {
    this.#options = options
  }

  /** Sends a request and reads its reply. Throws a ServiceError, at once while the circuit is open. */
  async call<T>(request: ApiRequest, read: (reply: ApiReply) => T, signal: AbortSignal): Promise<T> {
    const { upstream, circuit } = await this.#open()
    return circuit.run(() => this.#finish({ request, upstream, read }, signal))
  }

  /** The same past the circuit: finds out whether the API can be reached now. */
  async probe<T>(request: ApiRequest, read: (reply: ApiReply) => T, signal: AbortSignal): Promise<T> {
    const { upstream } = await this.#open()
    return this.#finish({ request, upstream, read }, signal)
  }

  /** Closes every connection; calls under way end with `shutting_down`. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true
    const line = await this.#line
    await line?.upstream.agent.destroy(shuttingDown())
  }

  #open(): Promise<Line> {
    if (this.#disposed) throw shuttingDown()
    this.#line ??= openLine(this.#options)
    return this.#line
  }

  async #finish<T>({ request, upstream, read }: Call<T>, caller: AbortSignal): Promise<T> {
    const { site, timeoutMs, observer } = this.#options
    const startedAt = performance.now()
    using deadline = new CallDeadline(site, timeoutMs, caller)
    try {
      const value = read(await this.#send(request, upstream, deadline.signal))
      observer.requestFinished('success', performance.now() - startedAt)
      return value
    } catch (thrown) {
      const error = ServiceError.from(thrown)
      observer.requestFinished(error.code, performance.now() - startedAt)
      throw error
    }
  }

  async #send(request: ApiRequest, upstream: Upstream, signal: AbortSignal): Promise<ApiReply> {
    const reply = await this.#sendTwiceIfLost(request, upstream, signal)
    const path = sameOriginRedirect(reply, upstream.site.origin + request.path)
    return path === undefined ? reply : exchange({ ...request, path }, upstream, signal)
  }

  async #sendTwiceIfLost(request: ApiRequest, upstream: Upstream, signal: AbortSignal): Promise<ApiReply> {
    try {
      return await exchange(request, upstream, signal)
    } catch (error) {
      if (!(error instanceof ApiFailure) || !error.repeatable) throw error
      await this.#pause(signal)
      return exchange(request, upstream, signal)
    }
  }

  // Its timer keeps the process alive, unlike the others: no socket does so meanwhile, and a one-shot would leave.
  async #pause(signal: AbortSignal): Promise<void> {
    const { least, most } = RETRY_PAUSE_MS
    const pauseMs = least + this.#options.random() * (most - least)
    // An abort ends the pause early and is thrown, with its own reason, by the exchange that follows.
    await wait(pauseMs, undefined, { signal }).catch(() => {})
  }
}

interface Line {
  upstream: Upstream
  circuit: ApiCircuit
}

interface Call<T> {
  request: ApiRequest
  upstream: Upstream
  read: (reply: ApiReply) => T
}

async function openLine({ site, timeoutMs, maxResponseBytes, observer }: ApiClientOptions): Promise<Line> {
  const [agent, circuit] = await Promise.all([
    createAgent(timeoutMs, observer),
    createCircuit({
      site,
      onOpen: () => observer.circuitOpened(),
      onClose: () => observer.circuitClosed(),
    }),
  ])
  return { upstream: { agent, site, timeoutMs, maxResponseBytes }, circuit }
}

// undici is slow to load: here, at the first call, so that a process that asks no API never pays it.
async function createAgent(timeoutMs: number, observer: ApiObserver): Promise<Agent> {
  const { Agent } = await import('undici')
  const agent = new Agent({
    connections: MAX_CONNECTIONS,
    pipelining: 1,
    allowH2: false,
    keepAliveTimeout: KEEP_ALIVE_MS,
    // The deadline of each call is shorter or the same; without these two, undici's own are 300 s.
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    connect: { timeout: Math.min(timeoutMs, CONNECT_TIMEOUT_MS) },
  })
  agent.on('connect', () => observer.connectionOpened())
  agent.on('disconnect', () => observer.connectionClosed())
  return agent
}
