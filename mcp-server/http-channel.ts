import type { IncomingMessage } from 'node:http'
import { fromErrorBody } from '../shared/contracts/error-body.ts'
import { SESSION_HEADER } from '../shared/contracts/find-tools-fields.ts'
import { deadlineAfter } from '../shared/deadline.ts'
import { ServiceError } from '../shared/errors/service-error.ts'
import { scanFrame } from '../shared/frames/frame-scan.ts'
import { failureFrame } from '../shared/frames/replies.ts'
import { LineSplitter } from '../shared/line-splitter.ts'
import { parseJson } from '../shared/parse-json.ts'
import { readBytes, type WorkerClient } from '../shared/worker-client/worker-client.ts'
import { type Channel, type ChannelEvents, MAX_FRAME_BYTES } from './channel.ts'

/** Reaches a worker over HTTP. */
export interface HttpChannelOptions {
  readonly client: Pick<WorkerClient, 'exchange' | 'health' | 'url'>
  /** The MCP session that the channel goes on with. */
  readonly session: string
}

const PATH = '/mcp'
const TOO_LARGE = 413
const MCP_SESSION = 'mcp-session-id'
const OPEN_DEADLINE_MS = 500
const LEAVE_DEADLINE_MS = 500
const DATA = Buffer.from('data:')
const SPACE = 0x20

/**
 * Opens a channel over Streamable HTTP, on which initialize must be answered before anything else is sent. Rejects with
 * `server_unavailable` where no worker answers.
 */
export async function openHttpChannel(options: HttpChannelOptions, events: ChannelEvents): Promise<Channel> {
  const { client } = options
  const late = new ServiceError('server_unavailable', `The worker at ${client.url} does not answer.`)
  using deadline = deadlineAfter(OPEN_DEADLINE_MS, late)
  await client.health(deadline.signal)
  return new HttpChannel(options, events)
}

/** Each frame to the worker is a POST, answered on its response; what belongs to no request comes on the response of a GET. */
class HttpChannel implements Channel {
  readonly #options: HttpChannelOptions
  readonly #events: ChannelEvents
  readonly #over = new AbortController()
  /** The responses that frames still come on. */
  readonly #responses = new Set<IncomingMessage>()
  #id: string | undefined
  #isPaused = false

  constructor(options: HttpChannelOptions, events: ChannelEvents) {
    this.#options = options
    this.#events = events
  }

  send(frame: Buffer): boolean {
    this.#watch(this.#post(frame))
    return true
  }

  pause(): void {
    this.#isPaused = true
    for (const response of this.#responses) response.pause()
  }

  resume(): void {
    this.#isPaused = false
    for (const response of this.#responses) response.resume()
  }

  close(): void {
    if (this.#over.signal.aborted) return
    this.#over.abort()
    if (this.#id !== undefined) void this.#leave().catch(() => {})
  }

  async #post(frame: Buffer): Promise<void> {
    const accept = 'application/json, text/event-stream'
    const response = await this.#exchange({ method: 'POST', body: frame, headers: { accept } })
    const { statusCode = 0, headers } = response
    this.#beginSession(headers[MCP_SESSION]?.toString())
    if (headers['content-type']?.startsWith('text/event-stream')) return this.#readEvents(response)
    const bytes = await readBytes(response, MAX_FRAME_BYTES)
    if (statusCode === TOO_LARGE) return this.#refuse(frame, bytes)
    if (statusCode === 200 || (statusCode !== 404 && scanFrame(bytes).kind === 'answer')) this.#take(bytes)
    else if (statusCode !== 202) throw refused(this.#options.client.url, statusCode)
  }

  /** The worker did not take a message, and why is in the body. Who waits for its answer is told; nobody else is concerned. */
  #refuse(message: Buffer, body: Buffer): void {
    const frame = scanFrame(message)
    const why = fromErrorBody(parseJson(body.toString())) ?? new ServiceError('too_large', 'The message is too large.')
    if (frame.kind === 'request') this.#take(failureFrame(frame.id, why))
  }

  #beginSession(id: string | undefined): void {
    if (id === undefined || this.#id !== undefined) return
    this.#id = id
    this.#watch(this.#listen())
  }

  async #listen(): Promise<void> {
    const response = await this.#exchange({ method: 'GET', headers: { accept: 'text/event-stream' } })
    if (response.statusCode !== 200) throw refused(this.#options.client.url, response.statusCode)
    await this.#readEvents(response)
    throw new ServiceError('connection_closed', 'The worker ended the session.')
  }

  // Our worker writes each event's data on one line.
  async #readEvents(response: IncomingMessage): Promise<void> {
    const splitter = new LineSplitter({ maxLineBytes: MAX_FRAME_BYTES })
    this.#responses.add(response)
    if (this.#isPaused) response.pause()
    const { promise: ended, resolve, reject } = Promise.withResolvers<void>()
    response.on('data', (chunk: Buffer) => {
      for (const line of splitter.push(chunk)) if (line.kind === 'line') this.#takeEvent(line.bytes)
    })
    response.on('end', resolve)
    response.on('error', reject)
    await ended.finally(() => this.#responses.delete(response))
  }

  #takeEvent(line: Buffer): void {
    if (!line.subarray(0, DATA.length).equals(DATA)) return
    const data = line.subarray(line[DATA.length] === SPACE ? DATA.length + 1 : DATA.length)
    if (data.length > 0) this.#take(data)
  }

  #take(frame: Buffer): void {
    if (!this.#over.signal.aborted) this.#events.frame(frame)
  }

  #exchange({ headers, ...request }: { method: 'GET' | 'POST'; body?: Buffer; headers: Record<string, string> }) {
    const { client, session } = this.#options
    const own = this.#id === undefined ? { [SESSION_HEADER]: session } : { [MCP_SESSION]: this.#id }
    return client.exchange({ ...request, path: PATH, headers: { ...headers, ...own } }, this.#over.signal)
  }

  // On a connection of its own, which outlives the others.
  async #leave(): Promise<void> {
    const { client } = this.#options
    using deadline = deadlineAfter(LEAVE_DEADLINE_MS, new Error('The worker did not take our leave in time.'))
    const headers = { [MCP_SESSION]: this.#id ?? '' }
    const response = await client.exchange({ method: 'DELETE', path: PATH, headers, fresh: true }, deadline.signal)
    response.destroy()
  }

  /** Whichever exchange breaks, the channel is lost with it: nobody knows what else did not arrive. */
  #watch(exchange: Promise<void>): void {
    exchange.catch((thrown: unknown) => {
      if (this.#over.signal.aborted) return
      this.#over.abort()
      this.#events.lost(ServiceError.from(thrown).message)
    })
  }
}

function refused(url: string, status: number | undefined): ServiceError {
  const remedy = status === 401 ? ' It wants its token: set PILOTLIGHT_TOKEN or PILOTLIGHT_TOKEN_FILE.' : ''
  return new ServiceError('server_unavailable', `The worker at ${url} answered ${PATH} with HTTP ${status}.${remedy}`)
}
