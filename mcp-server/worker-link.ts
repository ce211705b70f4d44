import { fromErrorBody, toErrorBody } from '../shared/contracts/error-body.ts'
import { SESSION_HEADER } from '../shared/contracts/find-tools-fields.ts'
import type { AnswerSource, FindToolsReply } from '../shared/contracts/find-tools-tool.ts'
import { countOf } from '../shared/count-of.ts'
import { deadlineAfter, forwardAborts, sleep } from '../shared/deadline.ts'
import type { FindToolsMode } from '../shared/environment.ts'
import { ServiceError } from '../shared/errors/service-error.ts'
import { parseJson } from '../shared/parse-json.ts'
import type { WorkerClient, WorkerResponse } from '../shared/worker-client/worker-client.ts'
import type { OneShotFallback } from './one-shot-fallback.ts'
import type { StderrLog } from './stderr-log.ts'

/** What a {@link WorkerLink} works with. Times are milliseconds. */
export interface WorkerLinkOptions {
  client: Pick<WorkerClient, 'url' | 'health' | 'findTools'>
  fallback: Pick<OneShotFallback, 'ask' | 'recall'>
  mode: FindToolsMode
  /** The MCP session that calls belong to. */
  session: () => string
  requestTimeoutMs: number
  /** A call came and the worker is away. */
  missed?: () => void
  /** 0 up to 1, as `Math.random`. */
  random: () => number
  log: StderrLog
}

const HEALTH_DEADLINE_MS = 500
const PROBE_INTERVAL_MS = 500
const UNANSWERED_MS = 1_000
const MAX_RETRY_DELAY_MS = 100

/*
 *                    lost twice, draining, or hanging
 *   unproven ──▶ up ──────────────────────────────────▶ down    calls go to one-shots; /health is asked every 500 ms
 *      │         ▲                                       │
 *      │         └───────────── /health answers ─────────┘      calls still in line for a one-shot come back
 *      └──────────── no answer at the start ────────────▶
 */
type LinkState =
  /** Calls are tried on the worker before the first probe has ended. */
  | { name: 'unproven' }
  | { name: 'up' }
  | { name: 'down'; prober: NodeJS.Timeout; fallbacksBefore: number }
  | { name: 'closed' }

/** One find_tools call: its arguments as JSON text, the end of its time, and its caller's cancellation. */
interface Call {
  input: string
  deadline: AbortSignal
  signal: AbortSignal
}

/** Sends find_tools to the worker while it lives and to one-shots while it does not. */
export class WorkerLink implements Disposable {
  readonly #options: WorkerLinkOptions
  readonly #late: ServiceError
  readonly #hangs = new ServiceError('server_unavailable', 'The worker hangs.')
  readonly #waiting = new Set<AbortController>()
  #state: LinkState = { name: 'unproven' }
  #fallbacks = 0
  #probing: Promise<boolean> | undefined

  constructor(options: WorkerLinkOptions) {
    this.#options = options
    this.#late = new ServiceError('timeout', `find_tools took longer than ${options.requestTimeoutMs} ms.`)
  }

  /** Looks for the worker in the background, if nothing has yet. */
  start(): void {
    if (this.#options.mode !== 'one-shot' && this.#state.name === 'unproven')
      void this.#probeOrGoDown('does not answer')
  }

  /** Answers one call with what its path said, errors included. Rejects only with the signal's reason. `input` is JSON text. */
  async findTools(input: string, signal: AbortSignal): Promise<FindToolsReply> {
    using deadline = deadlineAfter(this.#options.requestTimeoutMs, this.#late)
    const call: Call = { input, deadline: deadline.signal, signal }
    if (this.#state.name === 'down') this.#options.missed?.()
    for (;;) {
      const reply = this.#goesToOneShot() ? await this.#askOneShot(call) : await this.#askWorker(call)
      if (reply !== undefined) return reply
    }
  }

  /** Stops probing. Calls that are still on their way end by their own signals. */
  [Symbol.dispose](): void {
    if (this.#state.name === 'down') clearInterval(this.#state.prober)
    this.#state = { name: 'closed' }
  }

  #goesToOneShot(): boolean {
    const { mode } = this.#options
    return mode === 'one-shot' || (mode === 'auto' && this.#state.name === 'down')
  }

  /** The worker's reply; undefined when it is away and the one-shot may answer instead. */
  async #askWorker(call: Call): Promise<FindToolsReply | undefined> {
    const waiting = new AbortController()
    using _ = forwardAborts([call.signal, call.deadline], waiting)
    const unanswered = setTimeout(() => void this.#probeForWaiting(), UNANSWERED_MS).unref()
    this.#waiting.add(waiting)
    try {
      const response = await this.#send(call.input, waiting.signal)
      if (!isDraining(response)) return { source: 'worker', body: response.body, httpStatus: response.status }
      return this.#away('is shutting down', { source: 'worker', body: response.body })
    } catch (thrown) {
      if (call.signal.aborted) throw thrown
      return this.#onFailure(ServiceError.from(thrown))
    } finally {
      clearTimeout(unanswered)
      this.#waiting.delete(waiting)
    }
  }

  /** Nothing but find_tools may be sent twice: it is idempotent. */
  async #send(input: string, signal: AbortSignal): Promise<WorkerResponse> {
    const { client, session, random } = this.#options
    const request = { body: input, headers: { [SESSION_HEADER]: session() } }
    try {
      return await client.findTools(request, signal)
    } catch (thrown) {
      if (!isLost(thrown)) throw thrown
    }
    await sleep(random() * MAX_RETRY_DELAY_MS, signal)
    return client.findTools({ ...request, fresh: true }, signal)
  }

  async #onFailure(error: ServiceError): Promise<FindToolsReply | undefined> {
    const failed = toReply('worker', error)
    if (isLost(error)) return this.#away('takes no connection', failed)
    if (error === this.#hangs) return undefined
    // Too late although alive is its answer; too late because it stopped living is none.
    if (error === this.#late && !(await this.#probe())) return this.#away('hangs', failed)
    return failed
  }

  /** The one-shot's reply; undefined when the worker came back before it was started. */
  async #askOneShot({ input, deadline, signal }: Call): Promise<FindToolsReply | undefined> {
    try {
      const outcome = await this.#options.fallback.ask(input, deadline, signal)
      if (outcome.kind === 'recalled') return undefined
      this.#countFallback()
      return { source: 'one-shot', body: outcome.value }
    } catch (thrown) {
      if (signal.aborted) throw thrown
      return toReply('one-shot', ServiceError.from(thrown))
    }
  }

  #away(why: string, failed: FindToolsReply): FindToolsReply | undefined {
    this.#goDown(why)
    return this.#options.mode === 'auto' ? undefined : failed
  }

  async #probeOrGoDown(why: string): Promise<boolean> {
    const alive = await this.#probe()
    if (!alive) this.#goDown(why)
    return alive
  }

  async #probeForWaiting(): Promise<void> {
    if (this.#options.mode !== 'auto' || (await this.#probeOrGoDown('hangs'))) return
    for (const waiting of this.#waiting) waiting.abort(this.#hangs)
  }

  /** Asks /health, once at a time: whoever asks meanwhile gets the same answer. */
  #probe(): Promise<boolean> {
    this.#probing ??= this.#askHealth().finally(() => {
      this.#probing = undefined
    })
    return this.#probing
  }

  async #askHealth(): Promise<boolean> {
    using deadline = deadlineAfter(HEALTH_DEADLINE_MS, new Error('GET /health was not answered in time'))
    try {
      await this.#options.client.health(deadline.signal)
    } catch {
      return false
    }
    this.#goUp()
    return true
  }

  #goUp(): void {
    const before = this.#state
    if (before.name === 'closed') return
    this.#state = { name: 'up' }
    if (before.name !== 'down') return
    clearInterval(before.prober)
    const { fallback, log } = this.#options
    const fallbacks = this.#fallbacks - before.fallbacksBefore
    log.line(`the worker is back; one-shots answered ${countOf(fallbacks, 'call')} meanwhile`)
    fallback.recall()
  }

  #goDown(why: string): void {
    if (this.#state.name === 'down' || this.#state.name === 'closed') return
    const prober = setInterval(() => void this.#probe(), PROBE_INTERVAL_MS).unref()
    this.#state = { name: 'down', prober, fallbacksBefore: this.#fallbacks }
    const { client, log, mode } = this.#options
    const consequence = mode === 'auto' ? 'one-shots answer find_tools' : 'find_tools fails'
    log.line(`the worker at ${client.url} ${why}; ${consequence} until it is back`)
  }

  #countFallback(): void {
    if (this.#options.mode === 'one-shot') return
    this.#fallbacks++
    this.#options.log.sparse('fallback', `a one-shot answered find_tools (fallback ${this.#fallbacks})`)
  }
}

function isLost(thrown: unknown): boolean {
  return ServiceError.is(thrown) && thrown.code === 'connection_closed'
}

function isDraining({ status, body }: WorkerResponse): boolean {
  return status === 503 && fromErrorBody(parseJson(body))?.code === 'shutting_down'
}

function toReply(source: AnswerSource, error: ServiceError): FindToolsReply {
  return { source, body: JSON.stringify(toErrorBody(error)) }
}
