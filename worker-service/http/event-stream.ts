import type { ServerResponse } from 'node:http'
import { caughtUp } from '../control/caught-up.ts'

/** One server-sent event; `data` is text of any number of lines. A client that comes back says the last `id` it read, after `retryMs`. */
export interface ServerSentEvent {
  event?: string
  id?: string
  retryMs?: number
  data: string | Buffer
}

// Proxies and clients give up a connection on which nothing comes.
const KEEP_ALIVE_MS = 15_000
const HEADERS = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-store, no-transform',
  'x-content-type-options': 'nosniff',
  // Proxies must not collect the events.
  'x-accel-buffering': 'no',
} as const

/** A response that is a stream of server-sent events. Nothing is cut off for a client that reads slowly: ask {@link isBehind} first. */
export class EventStream {
  readonly #response: ServerResponse

  /** Sends the headers at once. */
  constructor(response: ServerResponse, headers: Readonly<Record<string, string>> = {}) {
    this.#response = response
    response.writeHead(200, { ...HEADERS, ...headers })
    response.flushHeaders()
    const keepAlive = setInterval(() => this.#keepAlive(), KEEP_ALIVE_MS).unref()
    response.once('close', () => clearInterval(keepAlive))
  }

  /** Whether the client has not read what it was sent. */
  get isBehind(): boolean {
    return this.#response.writableNeedDrain
  }

  send({ event, id, retryMs, data }: ServerSentEvent): void {
    const fields = Object.entries({ event, id, retry: retryMs }).filter(([, value]) => value !== undefined)
    const head = fields.map(([name, value]) => `${name}: ${value}\n`).join('')
    // Not corked: Node would forget that somebody waits for the client to read.
    this.#response.write(`${head}${data.length === 0 ? 'data:' : 'data: '}`)
    this.#response.write(onDataLines(data))
    this.#response.write('\n\n')
  }

  /** Resolves when the client has read what it was sent, or is gone, or the signal aborts. */
  caughtUp(signal: AbortSignal): Promise<void> {
    return caughtUp(this.#response, signal)
  }

  end(): void {
    this.#response.end()
  }

  #keepAlive(): void {
    if (!this.isBehind) this.#response.write(':\n\n')
  }
}

// A line of its own for each; the reader puts them together again.
function onDataLines(data: string | Buffer): string | Buffer {
  if (!data.includes('\n') && !data.includes('\r')) return data
  return data.toString().replaceAll(/\r\n?|\n/g, '\ndata: ')
}
