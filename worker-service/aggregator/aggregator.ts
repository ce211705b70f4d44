import { ServiceError } from '../../shared/errors/service-error.ts'
import type { ServerList } from '../routing/outbox.ts'
import type { PoolClient, Session } from '../server-pool/client-session.ts'
import type { Clock } from '../server-pool/clock.ts'
import { AggregatedSession, type SessionParts } from './aggregated-session.ts'
import { KeptResults } from './kept-results.ts'
import { OfferedTools, type OfferedToolsParts } from './offered-tools.ts'
import { Prompts } from './prompts.ts'
import { Resources } from './resources.ts'
import type { ServerLists } from './server-lists.ts'

/** What an aggregator is made from. */
export interface AggregatorOptions extends Omit<SessionParts, 'offered' | 'prompts' | 'resources' | 'results'> {
  readonly tools: OfferedToolsParts
  readonly lists: ServerLists
  readonly clock: Clock
}

// What changes once often changes again at once, and clients list everything anew each time.
const ANNOUNCE_AFTER_MS = 100

/** Shows all pooled servers as one: find_tools, call_tool and what each client has attached. A session is as that of one server. */
export class Aggregator implements Disposable {
  readonly #parts: SessionParts
  readonly #clock: Clock
  readonly #sessions = new Set<AggregatedSession>()
  readonly #changed = new Set<ServerList>()
  #announcement: Disposable | undefined

  constructor({ tools, lists, clock, ...parts }: AggregatorOptions) {
    const offered = new OfferedTools(tools)
    const results = new KeptResults({ clock, newId: parts.newId })
    this.#parts = { ...parts, offered, results, prompts: new Prompts(lists), resources: new Resources(lists) }
    this.#clock = clock
  }

  /** How many clients are connected. */
  get clients(): number {
    return this.#sessions.size
  }

  /** The result of tools/list, JSON text, for a client that has been given nothing yet. */
  firstTools(): Promise<string> {
    return this.#parts.offered.list({ kind: 'session', id: this.#parts.newId() }, [])
  }

  /** Opens a client's way to all servers. Starts none. */
  connect(client: PoolClient): Session {
    const session = new AggregatedSession(client, this.#parts, () => this.#sessions.delete(session))
    this.#sessions.add(session)
    return session
  }

  /** There is more or less in a list than before: clients are told, soon. */
  listChanged(list: ServerList): void {
    this.#changed.add(list)
    this.#announcement ??= this.#clock.setTimeout(() => this.#announce(), ANNOUNCE_AFTER_MS)
  }

  /** Tools were attached to a session by somebody else. Resolves when its client is told, where the list that it holds is another now. */
  async attached(session: string): Promise<void> {
    const concerned = [...this.#sessions].filter(({ id }) => id === session)
    await Promise.all(concerned.map((one) => one.listChanged('tools')))
  }

  /** Ends every session; what is in flight is answered with the reason. */
  [Symbol.dispose](): void {
    this.#announcement?.[Symbol.dispose]()
    const reason = new ServiceError('shutting_down', 'The service is shutting down.')
    for (const session of this.#sessions) session.end(reason)
    this.#parts.results[Symbol.dispose]()
  }

  #announce(): void {
    this.#announcement = undefined
    const lists = [...this.#changed]
    this.#changed.clear()
    for (const session of this.#sessions) for (const list of lists) void session.listChanged(list)
  }
}
