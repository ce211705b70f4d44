import { ServiceError } from '../../shared/errors/service-error.ts'
import type { PoolClient, Session } from '../server-pool/client-session.ts'
import type { Clock } from '../server-pool/clock.ts'
import { AggregatedSession, type SessionParts } from './aggregated-session.ts'
import { OfferedTools, type OfferedToolsParts } from './offered-tools.ts'

/** What an aggregator is made from. */
export interface AggregatorOptions extends Omit<SessionParts, 'offered'> {
  readonly tools: OfferedToolsParts
  readonly clock: Clock
}

// What changes once often changes again at once, and clients list everything anew each time.
const ANNOUNCE_AFTER_MS = 100

/** Shows all pooled servers as one: find_tools, call_tool and what each client has attached. A session is as that of one server. */
export class Aggregator implements Disposable {
  readonly #parts: SessionParts
  readonly #clock: Clock
  readonly #sessions = new Set<AggregatedSession>()
  #announcement: Disposable | undefined

  constructor({ tools, clock, ...parts }: AggregatorOptions) {
    this.#parts = { ...parts, offered: new OfferedTools(tools) }
    this.#clock = clock
  }

  /** How many clients are connected. */
  get clients(): number {
    return this.#sessions.size
  }

  /** Opens a client's way to all servers. Starts none. */
  connect(client: PoolClient): Session {
    const session = new AggregatedSession(client, this.#parts, () => this.#sessions.delete(session))
    this.#sessions.add(session)
    return session
  }

  /** The catalogue holds other tools than before: clients whose list is another with that are told, soon. */
  toolsChanged(): void {
    this.#announcement ??= this.#clock.setTimeout(() => {
      this.#announcement = undefined
      for (const session of this.#sessions) session.toolsChanged()
    }, ANNOUNCE_AFTER_MS)
  }

  /** Ends every session; what is in flight is answered with the reason. */
  [Symbol.dispose](): void {
    this.#announcement?.[Symbol.dispose]()
    const reason = new ServiceError('shutting_down', 'The service is shutting down.')
    for (const session of this.#sessions) session.end(reason)
  }
}
