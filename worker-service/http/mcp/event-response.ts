import type { ServerResponse } from 'node:http'
import type { LoggedEvent } from './event-log.ts'

/** What may wait for a client that does not read when more comes; then its connection is cut. One event may be longer than that. */
const MAX_UNREAD_BYTES = 4 * 1024 * 1024
// Proxies and clients give up a connection on which nothing comes.
const KEEP_ALIVE_MS = 15_000
/** How long a client waits before it comes back. The official ones try twice, so that twice this is what an outage may last. */
const RETRY_MS = 1_000
const HEADERS = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache, no-transform',
  'x-content-type-options': 'nosniff',
  // Proxies must not collect the events.
  'x-accel-buffering': 'no',
} as const

/** A response that is a stream of server-sent events. */
export class EventResponse {
  readonly #response: ServerResponse

  /** Sends the headers at once. */
  constructor(response: ServerResponse, headers: Readonly<Record<string, string>>) {
    this.#response = response
    response.writeHead(200, { ...HEADERS, ...headers })
    response.flushHeaders()
    const keepAlive = setInterval(() => this.#keepAlive(), KEEP_ALIVE_MS).unref()
    response.once('close', () => clearInterval(keepAlive))
  }

  /** Tells the client from where it can resume before anything has come, and when to come back. */
  prime(id: string): void {
    this.#response.write(`id: ${id}\nretry: ${RETRY_MS}\ndata:\n\n`)
  }

  event({ id, frame }: LoggedEvent): void {
    if (this.#response.writableLength > MAX_UNREAD_BYTES) {
      this.#response.destroy()
      return
    }
    this.#response.cork()
    this.#response.write(`event: message\nid: ${id}\ndata: `)
    this.#response.write(frame)
    this.#response.write('\n\n')
    this.#response.uncork()
  }

  end(): void {
    this.#response.end()
  }

  // Where something is on its way already, the connection is not silent.
  #keepAlive(): void {
    if (this.#response.writableLength === 0) this.#response.write(':\n\n')
  }
}
