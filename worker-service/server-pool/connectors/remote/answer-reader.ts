import type { ServiceError } from '../../../../shared/errors/service-error.ts'
import { toLine } from '../../../../shared/frames/to-line.ts'
import { readEventStream, StreamPosition } from './event-stream.ts'
import { contentCodingOf, type HttpExchange, mediaTypeOf } from './http-exchange.ts'
import { readBody, splitMessages } from './message-body.ts'
import { reconnectDelay } from './reconnect-delay.ts'
import type { RemoteClock } from './remote-clock.ts'
import type { EndpointReply } from './remote-endpoint.ts'
import {
  encodedError,
  notMcpError,
  otherAnswerError,
  remoteError,
  tooLargeError,
  toRemoteError,
} from './remote-failure.ts'
import type { RemoteSite } from './remote-site.ts'
import { openStream } from './stream-opening.ts'

/** How the answer to a request is read. */
export interface AnswerOptions {
  site: RemoteSite
  maxMessageBytes: number
  clock: RemoteClock
  /** Takes the messages of the answer; false for what is none. */
  take: (bytes: Buffer) => boolean
  /** Whether a message is the answer to this very request. */
  isTheAnswer: (bytes: Buffer) => boolean
  /** A message over the limit was dropped. */
  oversized: () => void
  /** When to rest from reading; undefined where there is no need. */
  rest: () => Promise<void> | undefined
  /** Opens the stream again after the event with this id. */
  resume: (lastEventId: string, signal: AbortSignal) => Promise<EndpointReply>
}

const MAX_FAILED_RESUMES = 5
// A stream should end with its answer; one that does not is not waited for.
const ANSWERED_GRACE_MS = 2_000
const ANSWERED = new Error('The answer has come.')

/**
 * Reads the answer to a request, in the form it comes. Resolves when all of it was taken; rejects with a ServiceError when it is lost. A
 * stream that breaks off is resumed where the server lets it.
 */
export async function readAnswer(reply: EndpointReply, options: AnswerOptions, signal: AbortSignal): Promise<void> {
  const [mediaType, coding] = [mediaTypeOf(reply.head.headers), contentCodingOf(reply.head.headers)]
  if (coding === undefined) {
    if (mediaType === 'application/json') return readJson(reply.exchange, options)
    if (mediaType === 'text/event-stream') return new AnswerStream(options, signal).read(reply.exchange)
  }
  const error = coding === undefined ? notMcpError(options.site, mediaType) : encodedError(options.site, coding)
  reply.exchange.abort(error)
  throw error
}

async function readJson(exchange: HttpExchange, options: AnswerOptions): Promise<void> {
  const { site, maxMessageBytes, take, isTheAnswer, oversized } = options
  const tooLarge = () => {
    oversized()
    return answerTooLarge(site)
  }
  const body = await readBody(exchange, maxMessageBytes, tooLarge).catch((thrown: unknown) => {
    throw toRemoteError(thrown, site, true)
  })
  const messages = splitMessages(body).filter(take)
  if (messages.length === 0) throw notMcpError(site, 'application/json')
  if (!messages.some(isTheAnswer)) throw otherAnswerError(site, body)
}

/** The stream of one request, over all the connections it takes until the answer has come. */
class AnswerStream {
  readonly #options: AnswerOptions
  readonly #signal: AbortSignal
  readonly #position = new StreamPosition()
  #isAnswered = false

  constructor(options: AnswerOptions, signal: AbortSignal) {
    this.#options = options
    this.#signal = signal
  }

  async read(first: HttpExchange): Promise<void> {
    let exchange = first
    for (;;) {
      const broken: unknown = await this.#readOnce(exchange).catch((thrown: unknown) => thrown)
      if (this.#isAnswered) return
      this.#signal.throwIfAborted()
      const { site } = this.#options
      const { lastEventId } = this.#position
      const error = toRemoteError(broken, site, true)
      if (lastEventId === undefined || error.code === 'too_large') throw error
      exchange = await this.#resume(lastEventId)
    }
  }

  async #readOnce(exchange: HttpExchange): Promise<void> {
    const { site, maxMessageBytes, take, isTheAnswer, oversized, rest } = this.#options
    let grace: NodeJS.Timeout | undefined
    const reader = {
      message: (data: Buffer) => {
        const bytes = toLine(data)
        this.#isAnswered ||= isTheAnswer(bytes)
        take(bytes)
        if (this.#isAnswered) grace ??= setTimeout(() => exchange.abort(ANSWERED), ANSWERED_GRACE_MS).unref()
      },
      oversized: () => {
        oversized()
        exchange.abort(answerTooLarge(site))
      },
    }
    try {
      await readEventStream(exchange, this.#position, { reader, maxMessageBytes, rest })
    } finally {
      clearTimeout(grace)
    }
  }

  async #resume(lastEventId: string): Promise<HttpExchange> {
    const { site, clock, resume } = this.#options
    let askedMs = this.#position.retryMs
    for (let failures = 0; failures < MAX_FAILED_RESUMES; failures++) {
      await clock.sleep(reconnectDelay({ failures, askedMs, random: clock.random() }), this.#signal)
      const opening = await openStream((signal) => resume(lastEventId, signal), this.#signal)
      if (opening.kind === 'open') return opening.exchange
      if (opening.kind === 'never') break
      askedMs = opening.kind === 'later' ? opening.askedMs : undefined
    }
    const problem = 'it closed the stream of an answer, and the stream could not be resumed.'
    throw remoteError(site, problem, { code: 'connection_closed' })
  }
}

function answerTooLarge(site: RemoteSite): ServiceError {
  return tooLargeError(site, 'its answer is too large.', 'yes')
}
