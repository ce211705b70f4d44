import { toLine } from '../../../../shared/frames/to-line.ts'
import { readEventStream, StreamPosition } from './event-stream.ts'
import type { HttpExchange } from './http-exchange.ts'
import { reconnectDelay } from './reconnect-delay.ts'
import type { RemoteClock } from './remote-clock.ts'
import type { Inbox } from './remote-connection.ts'
import type { EndpointReply } from './remote-endpoint.ts'
import { openStream } from './stream-opening.ts'

/** How the stream is listened to on which a server speaks unasked. */
export interface ServerStreamOptions {
  inbox: Inbox
  maxMessageBytes: number
  clock: RemoteClock
  /** Opens the stream, after the event with this id where there is one. */
  open: (lastEventId: string | undefined, signal: AbortSignal) => Promise<EndpointReply>
  /** The server no longer knows the session whose stream had been open. */
  sessionLost: () => void
}

// A stream that lasted so long was a good one, and its end is no failure.
const GOOD_STREAM_MS = 10_000
// A server that cannot be reached so often in a row is gone.
const MAX_UNREACHABLE = 5

/**
 * Listens until the signal aborts, and opens the stream again whenever it breaks off, ever more slowly where that does not help. Resolves
 * earlier where the server offers no such stream. Never rejects.
 */
export async function listenToServer(options: ServerStreamOptions, signal: AbortSignal): Promise<void> {
  try {
    await listen(options, signal)
  } catch {
    // The signal has aborted.
  }
}

async function listen(options: ServerStreamOptions, signal: AbortSignal): Promise<void> {
  const { clock, open } = options
  const position = new StreamPosition()
  let hasBeenOpen = false
  let unreachable = 0
  for (let failures = 0; ; failures++) {
    const opening = await openStream((aborted) => open(position.lastEventId, aborted), signal)
    if (opening.kind === 'never') {
      if (hasBeenOpen && opening.status === 404) options.sessionLost()
      return
    }
    unreachable = opening.kind === 'unreachable' ? unreachable + 1 : 0
    if (opening.kind === 'unreachable' && unreachable === MAX_UNREACHABLE) return options.inbox.lost(opening.error)
    let askedMs = opening.kind === 'later' ? opening.askedMs : undefined
    if (opening.kind === 'open') {
      hasBeenOpen = true
      const openedAt = clock.now()
      await readOnce(opening.exchange, position, options)
      if (clock.now() - openedAt > GOOD_STREAM_MS) failures = 0
      askedMs = position.retryMs
    }
    await clock.sleep(reconnectDelay({ failures, askedMs, random: clock.random() }), signal)
  }
}

async function readOnce(
  exchange: HttpExchange,
  position: StreamPosition,
  { inbox, maxMessageBytes }: ServerStreamOptions,
): Promise<void> {
  const reader = {
    message: (data: Buffer) => void inbox.take(toLine(data)),
    // Answers come on streams of their own.
    oversized: () => inbox.oversized('none'),
  }
  // However it ended, it is opened again.
  await readEventStream(exchange, position, { reader, maxMessageBytes, rest: () => inbox.rest() }).catch(() => {})
}
