/** A frame that went to a client as a server-sent event, or is to go. */
export interface LoggedEvent {
  /** Names the event to the client, who gives it back as Last-Event-ID. */
  readonly id: string
  readonly stream: string
  readonly number: number
  readonly frame: Buffer
  /** Makes what is kept in its place when it goes: an answer is never lost without a word. */
  readonly remnant?: (() => Buffer) | undefined
}

/** What a client that resumes a stream has missed of it. */
export interface Missed {
  readonly stream: string
  readonly events: readonly LoggedEvent[]
}

const EVENT_ID = /^(\d{1,15})-([0-9a-z]{1,16})$/

/** The latest events of a session, over all its streams, so that a connection that broke can be resumed. The oldest go when there are too many. */
export class EventLog {
  readonly #maxBytes: number
  readonly #maxEvents: number
  #events: LoggedEvent[] = []
  /** What is left of events that went, oldest first. */
  #remnants: LoggedEvent[] = []
  #bytes = 0
  #lastNumber = 0

  constructor({ maxBytes, maxEvents }: { maxBytes: number; maxEvents: number }) {
    this.#maxBytes = maxBytes
    this.#maxEvents = maxEvents
  }

  /** Keeps an event of a stream and gives it its id. */
  append(stream: string, frame: Buffer, remnant?: () => Buffer): LoggedEvent {
    const number = ++this.#lastNumber
    const event = { id: `${number}-${stream}`, stream, number, frame, remnant }
    this.#events.push(event)
    this.#bytes += frame.length
    while (this.#events.length > 1 && (this.#bytes > this.#maxBytes || this.#events.length > this.#maxEvents)) {
      this.#dropOldest()
    }
    return event
  }

  /** An id that stands for the beginning of a stream, to resume it before anything came. */
  beginningOf(stream: string): string {
    return `${this.#lastNumber}-${stream}`
  }

  /** The events of the same stream after one, undefined where that is no id of ours. */
  after(eventId: string): Missed | undefined {
    const [, number, stream] = EVENT_ID.exec(eventId) ?? []
    if (number === undefined || stream === undefined || Number(number) > this.#lastNumber) return undefined
    return {
      stream,
      events: [...this.#remnants, ...this.#events].filter(
        (event) => event.stream === stream && event.number > Number(number),
      ),
    }
  }

  #dropOldest(): void {
    const oldest = this.#events.shift()
    if (oldest === undefined) return
    this.#bytes -= oldest.frame.length
    if (oldest.remnant === undefined) return
    this.#remnants.push({ ...oldest, frame: oldest.remnant(), remnant: undefined })
    if (this.#remnants.length > this.#maxEvents) this.#remnants.shift()
  }
}
