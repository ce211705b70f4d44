import { EventStreamParser } from './event-stream-parser.ts'
import type { HttpExchange } from './http-exchange.ts'

/** How far an event stream has come, over all the connections it is read from. */
export class StreamPosition {
  /** The id to resume after, as it stands in `Last-Event-ID`; undefined where the stream cannot be resumed. */
  lastEventId: string | undefined
  /** How long the server asks to wait before resuming, in milliseconds. */
  retryMs: number | undefined
}

/** What is done with the messages of a stream. */
export interface StreamReader {
  message(bytes: Buffer): void
  /** A message of another type than `message`. */
  other?(type: string, data: Buffer): void
  /** A message over the limit was dropped. */
  oversized(): void
}

/** How a stream is read: by whom, up to which size of a message, and when to rest from reading (undefined where there is no need). */
export interface EventStreamOptions {
  reader: StreamReader
  maxMessageBytes: number
  rest: () => Promise<void> | undefined
}

/** Reads a body as server-sent events. Resolves at its end; rejects with what went wrong on the way. */
export function readEventStream(
  exchange: HttpExchange,
  position: StreamPosition,
  { reader, maxMessageBytes, rest }: EventStreamOptions,
): Promise<void> {
  const parser = new EventStreamParser(
    {
      event: ({ type, id, data }) => {
        if (id !== undefined) position.lastEventId = toHeaderValue(id)
        if (data.length === 0) return
        if (type === 'message') reader.message(data)
        else reader.other?.(type, data)
      },
      oversizedEvent: () => reader.oversized(),
      retry: (delayMs) => {
        position.retryMs = delayMs
      },
    },
    { maxEventBytes: maxMessageBytes },
  )
  return exchange.read((chunk) => parser.push(chunk), rest)
}

const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]+$/

/** An id as a header carries it: its UTF-8, each byte a character. Undefined for one that no header can hold, and for an empty one. */
function toHeaderValue(id: string): string | undefined {
  const value = Buffer.from(id).toString('latin1')
  return HEADER_VALUE.test(value) ? value : undefined
}
