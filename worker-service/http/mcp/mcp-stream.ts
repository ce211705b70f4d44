import type { ServerResponse } from 'node:http'
import type { EventLog, LoggedEvent } from './event-log.ts'
import { EventResponse } from './event-response.ts'

/** An answer that comes within this time, with nothing before it, is plain JSON; a longer wait is a stream, which can be resumed. */
const PLAIN_ANSWER_MS = 50

/**
 * Where the frames of a stream go:
 *
 *     nowhere ──request──▶ undecided ──anything but its answer, or a moment──▶ events ──its answer──▶ nowhere
 *        │                     └──its answer, as plain JSON──▶ nowhere           ▲ │
 *        └──────────────────────────────resumed──────────────────────────────────┘ └──connection lost──▶ nowhere
 */
type Outlet =
  | { readonly name: 'nowhere' }
  | { readonly name: 'undecided'; readonly response: ServerResponse; readonly timer: NodeJS.Timeout }
  | { readonly name: 'events'; readonly response: ServerResponse; readonly events: EventResponse }

const NOWHERE: Outlet = { name: 'nowhere' }

/** What a stream is given. */
export interface McpStreamParts {
  /** Its part of the ids of its events. */
  readonly name: string
  readonly log: EventLog
  /** Headers of every response, besides the usual. */
  readonly headers: Readonly<Record<string, string>>
  /** Whether the client can read an event without data, which tells it from where to resume. */
  readonly canBePrimed: () => boolean
}

/** Frames for a client that belong together: those of one request, or those of none. What cannot be sent waits in the log. */
export class McpStream {
  readonly name: string
  readonly #log: EventLog
  readonly #headers: Readonly<Record<string, string>>
  readonly #canBePrimed: () => boolean
  #outlet: Outlet = NOWHERE
  #sentUpTo: string
  #isFinished = false

  constructor({ name, log, headers, canBePrimed }: McpStreamParts) {
    this.name = name
    this.#log = log
    this.#headers = headers
    this.#canBePrimed = canBePrimed
    this.#sentUpTo = log.beginningOf(name)
  }

  get isOpen(): boolean {
    return this.#outlet.name !== 'nowhere'
  }

  /** Whether nothing comes any more, but for what was missed. */
  get isFinished(): boolean {
    return this.#isFinished
  }

  /** Takes the response on which a request is to be answered. */
  open(response: ServerResponse): void {
    const timer = setTimeout(() => this.#promote(), PLAIN_ANSWER_MS).unref()
    this.#outlet = { name: 'undecided', response, timer }
    this.#watch(response)
  }

  /** Goes on on another response, with what came after an event, or what was not sent yet. One that was open is ended. */
  resume(response: ServerResponse, lastEventId = this.#sentUpTo): void {
    this.#endResponse()
    this.#outlet = this.#begin(response, lastEventId)
    this.#watch(response)
    for (const event of this.#log.after(lastEventId)?.events ?? []) this.#deliver(event)
    if (this.#isFinished) this.#endResponse()
  }

  send(frame: Buffer, remnant?: () => Buffer): void {
    this.#promote()
    this.#deliver(this.#log.append(this.name, frame, remnant))
  }

  /** Sends the answer, after which nothing comes. Who comes back for it too late is given what `remnant` makes. */
  answer(frame: Buffer, remnant: () => Buffer): void {
    if (this.#outlet.name === 'undecided') return this.#answerPlainly(this.#outlet, frame)
    this.send(frame, remnant)
    this.finish()
  }

  /** Nothing comes any more: what is open is ended. */
  finish(): void {
    this.#isFinished = true
    this.#promote()
    this.#endResponse()
  }

  #answerPlainly({ response, timer }: Outlet & { name: 'undecided' }, frame: Buffer): void {
    this.#isFinished = true
    this.#outlet = NOWHERE
    clearTimeout(timer)
    const headers = { 'content-type': 'application/json', 'cache-control': 'no-store', 'content-length': frame.length }
    response.writeHead(200, { ...headers, ...this.#headers })
    response.end(frame)
  }

  /** Something else than an answer comes first: the response becomes a stream of events. */
  #promote(): void {
    if (this.#outlet.name !== 'undecided') return
    clearTimeout(this.#outlet.timer)
    this.#outlet = this.#begin(this.#outlet.response, this.#sentUpTo)
  }

  #begin(response: ServerResponse, lastEventId: string): Outlet {
    const events = new EventResponse(response, this.#headers)
    if (this.#canBePrimed()) events.prime(lastEventId)
    return { name: 'events', response, events }
  }

  #deliver(event: LoggedEvent): void {
    if (this.#outlet.name !== 'events') return
    this.#outlet.events.event(event)
    this.#sentUpTo = event.id
  }

  #endResponse(): void {
    if (this.#outlet.name === 'events') this.#outlet.events.end()
    this.#outlet = NOWHERE
  }

  // What is written after the connection is lost would count as sent.
  #watch(response: ServerResponse): void {
    response.once('close', () => {
      if (this.#outlet.name === 'nowhere' || this.#outlet.response !== response) return
      if (this.#outlet.name === 'undecided') clearTimeout(this.#outlet.timer)
      this.#outlet = NOWHERE
    })
  }
}
