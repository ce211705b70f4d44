import type {
  handleBidiStreamingCall,
  handleServerStreamingCall,
  handleUnaryCall,
  Metadata,
  ServerDuplexStream,
  ServerUnaryCall,
  ServerWritableStream,
  sendUnaryData,
} from '@grpc/grpc-js'
import { ServiceError } from '../../shared/errors/service-error.ts'
import { caughtUp } from '../control/caught-up.ts'
import { isUnexpected, toStatus } from './error-status.ts'

/** Is told what nobody expected, and the path of the method. */
export type Unexpected = (thrown: unknown, path: string) => void

/** An answer with something to say beside it. */
export class WithTrailers<Answer> {
  readonly answer: Answer
  readonly trailers: Metadata

  constructor(answer: Answer, trailers: Metadata) {
    this.answer = answer
    this.trailers = trailers
  }
}

/** A client that is sent messages. Nothing is cut off for one that reads slowly: ask `isBehind` first. */
export interface MessageStream<Message> {
  /** Whether the client has not read what it was sent. */
  readonly isBehind: boolean
  /** Aborts when the client goes away or its deadline is over. */
  readonly signal: AbortSignal
  send(message: Message): void
  /** Resolves when the client has read what it was sent, or the signal aborts. */
  caughtUp(): Promise<void>
}

type Answering<Request, Answer> = (
  request: Request,
  signal: AbortSignal,
) => Answer | WithTrailers<Answer> | Promise<Answer | WithTrailers<Answer>>

type Streaming<Request, Message> = (request: Request, stream: MessageStream<Message>) => Promise<void>

type StreamingCall = ServerWritableStream<unknown, unknown> | ServerDuplexStream<unknown, unknown>

/** Makes handlers of functions that answer or throw. */
export class CallHandlers {
  readonly #unexpected: Unexpected

  constructor(unexpected: Unexpected) {
    this.#unexpected = unexpected
  }

  /** A method with one answer. */
  unary<Request, Answer>(answer: Answering<Request, Answer>): handleUnaryCall<Request, Answer> {
    const answering = async (call: ServerUnaryCall<Request, Answer>, callback: sendUnaryData<Answer>) => {
      try {
        const answered = await answer(call.request, signalOf(call))
        if (answered instanceof WithTrailers) callback(null, answered.answer, answered.trailers)
        else callback(null, answered)
      } catch (thrown) {
        callback(this.#toStatus(thrown, call.getPath()))
      }
    }
    return (call, callback) => void answering(call, callback)
  }

  /** A method that is over when `stream` is. */
  streaming<Request, Message>(stream: Streaming<Request, Message>): handleServerStreamingCall<Request, Message> {
    return (call) => this.#untilOver(call, () => stream(call.request, streamTo(call)))
  }

  /** A method that answers each request as it comes, one after another. */
  exchange<Request, Answer>(answer: (request: Request) => Promise<Answer>): handleBidiStreamingCall<Request, Answer> {
    return (call) => {
      const signal = signalOf(call)
      this.#untilOver(call, async () => {
        for await (const request of call) {
          call.write(await answer(request as Request))
          await caughtUp(call, signal)
        }
      })
    }
  }

  #untilOver(call: StreamingCall, run: () => Promise<void>): void {
    run().then(
      () => call.end(),
      (thrown: unknown) => call.emit('error', this.#toStatus(thrown, call.getPath())),
    )
  }

  #toStatus(thrown: unknown, path: string) {
    if (isUnexpected(thrown)) this.#unexpected(thrown, path)
    return toStatus(thrown)
  }
}

function streamTo<Message>(call: ServerWritableStream<unknown, Message>): MessageStream<Message> {
  const signal = signalOf(call)
  return {
    signal,
    get isBehind() {
      return call.writableNeedDrain
    },
    send: (message) => void call.write(message),
    caughtUp: () => caughtUp(call, signal),
  }
}

// Its client left, or its deadline is over, of which the client knows by itself.
function signalOf(call: { on(event: 'cancelled', listener: () => void): unknown }): AbortSignal {
  const controller = new AbortController()
  call.on('cancelled', () => controller.abort(new ServiceError('cancelled', 'The client went away.')))
  return controller.signal
}
