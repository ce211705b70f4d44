import { EventStreamParser } from './event-stream-parser.ts'
import type { HttpExchange } from './http-exchange.ts'

/** How far an event stream has come, over all the connections it is read from. */
export class StreamPosition {
  /** The id to resume after; undefined where the stream cannot be resumed. */
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
        if (id !== undefined) position.lastEventId = id === '' ? undefined : id
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
