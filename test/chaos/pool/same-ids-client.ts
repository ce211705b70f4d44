import type { Message } from '../../support/fake-servers.ts'
import type { LineClient } from '../../support/line-client.ts'
import { CallBooks, type CallTally } from './call-books.ts'

/** The calls of all clients together. */
export interface SameIdsTraffic {
  /** How many are still to be made. */
  left: number
  readonly random: () => number
  readonly tally: CallTally
}

const IDS = [1, 0, '1'] as const
type Id = (typeof IDS)[number]

const CANCEL_SHARE = 0.03
const PROGRESS_SHARE = 0.1
// What comes before the answer to a request that was sent after a cancel may still be the answer to what was cancelled; nothing later may.
const FENCE = 'fence '

/** A client whose ids are all 1, 0 and "1": each is used again as soon as its call is over, while calls are left to be made. */
export class SameIdsClient {
  readonly #name: string
  readonly #traffic: SameIdsTraffic
  readonly #books: CallBooks
  readonly #cancelling = new Set<unknown>()
  #connection: LineClient | undefined
  #made = 0
  #open = 0

  constructor(name: string, traffic: SameIdsTraffic) {
    this.#name = name
    this.#traffic = traffic
    this.#books = new CallBooks(traffic.tally)
  }

  /** How many of its calls are not over. */
  get open(): number {
    return this.#open
  }

  /** Begins to call over this connection, whose messages are to be given to `take`. */
  start(connection: LineClient): void {
    this.#connection = connection
    for (const id of IDS) this.#callNext(id)
  }

  take(message: Message): void {
    const { id, method } = message
    if (method === 'notifications/progress') return this.#books.progressed(message)
    if (typeof id === 'string' && id.startsWith(FENCE))
      return this.#fencePassed(JSON.parse(id.slice(FENCE.length)) as Id)
    if (this.#books.answered(message) && !this.#cancelling.has(id)) this.#callAgain(id as Id)
  }

  #callAgain(id: Id): void {
    this.#open--
    this.#callNext(id)
  }

  #callNext(id: Id): void {
    if (this.#traffic.left === 0) return
    this.#traffic.left--
    this.#open++
    const { random } = this.#traffic
    const token = `${this.#name}, call ${++this.#made}, ${random()}`
    const meta = random() < PROGRESS_SHARE ? { _meta: { progressToken: id } } : {}
    this.#books.sent(id, token)
    this.#send({ id, method: 'tools/call', params: { name: 'call', arguments: { token }, ...meta } })
    if (random() >= CANCEL_SHARE) return
    if (random() < 0.5) this.#cancel(id)
    else setImmediate(() => this.#books.isOpen(id, token) && this.#cancel(id))
  }

  #cancel(id: Id): void {
    this.#cancelling.add(id)
    this.#send({ method: 'notifications/cancelled', params: { requestId: id } })
    this.#send({ id: `${FENCE}${JSON.stringify(id)}`, method: 'ping' })
  }

  #fencePassed(id: Id): void {
    this.#cancelling.delete(id)
    this.#books.settledCancelled(id)
    this.#callAgain(id)
  }

  #send(message: Message): void {
    this.#connection?.send(message)
  }
}
