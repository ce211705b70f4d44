import type { RequestFailure } from '../../shared/errors/json-rpc-error.ts'
import { toFailure } from '../../shared/errors/to-failure.ts'
import type { AnsweredRequestId } from '../routing/failed-calls.ts'
import type { Connection, ConnectionEnd } from './connectors/connector.ts'
import { ServerInput } from './server-input.ts'

/** What comes of a server while it runs. */
export interface ServerRunEvents {
  frame(bytes: Buffer, relatedTo: number | undefined): void
  frameTooLarge(answered: AnsweredRequestId): void
  requestFailed(requestId: number, failure: RequestFailure): void
  sessionRenewed(): void
  ended(end: ConnectionEnd): void
}

/** One run of a server, from its connection on. Nothing is heard of it any more once it is disposed. */
export class ServerRun implements AsyncDisposable {
  readonly connection: Connection
  readonly input: ServerInput
  readonly #events: ServerRunEvents
  #isOver = false

  constructor(connection: Connection, events: ServerRunEvents) {
    this.connection = connection
    this.input = new ServerInput(connection)
    this.#events = events
  }

  /** Begins to listen. To be called once. */
  listen(): void {
    this.connection.receive({
      frame: (bytes, relatedTo) => {
        if (!this.#isOver) this.#events.frame(bytes, relatedTo)
      },
      oversizedFrame: (answered) => {
        if (!this.#isOver) this.#events.frameTooLarge(answered)
      },
      unanswered: (requestId, error, delivered) => {
        if (!this.#isOver) this.#events.requestFailed(requestId, { ...toFailure(error), delivered })
      },
      sessionRenewed: () => {
        if (!this.#isOver) this.#events.sessionRenewed()
      },
      drained: () => this.input.drained(),
    })
    void this.#awaitEnd()
  }

  async #awaitEnd(): Promise<void> {
    const end = await this.connection.closed
    if (!this.#isOver) this.#events.ended(end)
  }

  /** The server's last lines of error output, as the end of a message; empty where there are none. */
  quoteLastWords(): string {
    const lines = this.connection.lastWords()
    return lines.length === 0 ? '' : ` Its last lines: ${lines.join(' | ')}`
  }

  /** Ends the server; resolves when nothing of it is left. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true
    this.input.clear()
    await this.connection[Symbol.asyncDispose]()
  }
}
