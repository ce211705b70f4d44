import type { ServerResponse } from 'node:http'
import { EventStream } from '../event-stream.ts'
import type { LoggedEvent } from './event-log.ts'

/** What may wait for a client that does not read when more comes; then its connection is cut. One event may be longer than that. */
const MAX_UNREAD_BYTES = 4 * 1024 * 1024
/** How long a client waits before it comes back. The official ones try twice, so that twice this is what an outage may last. */
const RETRY_MS = 1_000

/** A response on which frames are events. */
export class EventResponse {
  readonly #response: ServerResponse
  readonly #stream: EventStream

  /** Sends the headers at once. */
  constructor(response: ServerResponse, headers: Readonly<Record<string, string>>) {
    this.#response = response
    this.#stream = new EventStream(response, headers)
  }

  /** Tells the client from where it can resume before anything has come, and when to come back. */
  prime(id: string): void {
    this.#stream.send({ id, retryMs: RETRY_MS, data: '' })
  }

  event({ id, frame }: LoggedEvent): void {
    if (this.#response.writableLength > MAX_UNREAD_BYTES) this.#response.destroy()
    else this.#stream.send({ event: 'message', id, data: frame })
  }

  end(): void {
    this.#stream.end()
  }
}
