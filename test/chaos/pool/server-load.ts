import { setTimeout as sleep } from 'node:timers/promises'
import type { Message } from '../../support/fake-servers.ts'

/** What became of the calls of a load. */
export interface LoadBooks {
  calls: number
  errors: number
  /** Errors without a code, a message, or the name of the server. */
  unclear: number
  /** Calls that got nothing, though they were made a while before the connection ended, if it did. */
  unanswered: number
  answeredTwice: number
}

/** A client of the fixture server `counting`. */
interface LoadClient {
  /** Everything it was sent. */
  readonly messages: readonly Message[]
  /** Resolves when its connection has ended, where it has one. */
  readonly ended?: Promise<unknown>
  hello?(): Promise<Message>
  call(tool: string, args: Record<string, unknown>): Promise<Message>
}

const LONGEST_CALL_MS = 30
const AFTER_ERROR_MS = 5
const ANSWER_DEADLINE_MS = 60_000
// What was sent when the connection was about to end may not have arrived.
const ON_THE_WAY_MS = 5_000

/** Clients that call without a pause, each as soon as it has its answer. */
export class ServerLoad {
  readonly #random: () => number
  readonly #clients: LoadClient[] = []
  readonly #done: Promise<void>[] = []
  readonly #books = { calls: 0, errors: 0, unclear: 0, unanswered: 0 }
  #isOver = false

  constructor(random: () => number) {
    this.#random = random
  }

  /** Lets another client call until the end, or that of its connection. */
  add(client: LoadClient): void {
    this.#clients.push(client)
    this.#done.push(this.#callOn(client))
  }

  /** Ends the load once every call has its answer; those that have none after a while get none. */
  async end(): Promise<LoadBooks> {
    this.#isOver = true
    await Promise.all(this.#done)
    const answeredTwice = this.#clients.reduce((sum, { messages }) => sum + countRepeated(messages), 0)
    return { ...this.#books, answeredTwice }
  }

  async #callOn(client: LoadClient): Promise<void> {
    const isOver = () => 'ended' as const
    const ended = client.ended?.then(isOver, isOver) ?? new Promise<never>(() => {})
    if (client.hello !== undefined && (await Promise.race([client.hello(), ended])) === 'ended') return
    while (!this.#isOver) {
      const calledAt = performance.now()
      this.#books.calls++
      const late = new AbortController()
      const outcome = await Promise.race([
        this.#call(client),
        ended,
        sleep(ANSWER_DEADLINE_MS, 'late' as const, late),
      ]).finally(() => late.abort())
      if (typeof outcome !== 'string') await this.#book(outcome)
      else if (outcome === 'late' || performance.now() - calledAt > ON_THE_WAY_MS) this.#books.unanswered++
      if (outcome === 'ended') return
    }
  }

  #call(client: LoadClient): Promise<Message> {
    return client.call('sleep', { ms: Math.round(this.#random() * LONGEST_CALL_MS) })
  }

  async #book({ result, error }: Message): Promise<void> {
    if (result !== undefined) return
    this.#books.errors++
    const isClear = error !== undefined && error.message !== '' && error.data?.server !== undefined
    if (!isClear) this.#books.unclear++
    await sleep(AFTER_ERROR_MS)
  }
}

function countRepeated(messages: readonly Message[]): number {
  const answers = messages.flatMap(({ id, method }) => (id === undefined || method !== undefined ? [] : [id]))
  return answers.length - new Set(answers).size
}
