import { randomUUID } from 'node:crypto'
import { ServiceError } from '../../../shared/errors/service-error.ts'
import type { WorkerUse } from '../../control/worker-use.ts'
import type { PoolClient, Session } from '../../server-pool/client-session.ts'
import { type Clock, NO_TIMER } from '../../server-pool/clock.ts'
import { McpSession } from './mcp-session.ts'

/** What an endpoint serves: one server by its name, or all of them. */
export interface McpTarget {
  readonly server: string | undefined
}

export interface McpSessionsOptions {
  /** Opens a client's way to a server, or to all. Throws `unknown_server`, `server_unavailable` or `overloaded`. */
  readonly connect: (target: McpTarget, client: PoolClient) => Session
  readonly clock: Clock
  readonly maxSessions?: number
  /** Is told of sessions that begin and end. */
  readonly use?: WorkerUse | undefined
}

const MAX_SESSIONS = 1_000
/** A client that has left without a word holds a place at its server for so long. */
const IDLE_MS = 5 * 60_000
const SWEEP_MS = 30_000

/** The sessions of clients over Streamable HTTP. */
export class McpSessions implements Disposable {
  readonly #options: McpSessionsOptions
  readonly #maxSessions: number
  readonly #sessions = new Map<string, { readonly target: McpTarget; readonly session: McpSession }>()
  #sweep: Disposable = NO_TIMER

  constructor(options: McpSessionsOptions) {
    this.#options = options
    this.#maxSessions = options.maxSessions ?? MAX_SESSIONS
  }

  get size(): number {
    return this.#sessions.size
  }

  /**
   * Begins a session; where there are too many, the one that was idle longest ends. `frontSession` is that of its front, where it is
   * known. Throws what `connect` throws, and `overloaded`.
   */
  create(target: McpTarget, frontSession?: string): McpSession {
    if (this.#sessions.size >= this.#maxSessions && !this.#endIdlest()) {
      throw new ServiceError('overloaded', `There are ${this.#maxSessions} sessions, all of them in use.`, {
        retryAfterMs: 1_000,
      })
    }
    const { connect, clock, use } = this.#options
    const id = randomUUID()
    const open = (client: PoolClient) => connect(target, client)
    const ended = () => {
      if (this.#sessions.delete(id)) use?.end()
    }
    const session = new McpSession({ id, session: frontSession, open, clock, ended })
    this.#sessions.set(id, { target, session })
    use?.begin()
    if (this.#sessions.size === 1) this.#sweepLater()
    return session
  }

  /** The session of this id at this endpoint. */
  get(id: string, { server }: McpTarget): McpSession | undefined {
    const found = this.#sessions.get(id)
    return found !== undefined && found.target.server === server ? found.session : undefined
  }

  /** Ends the responses on which nothing is awaited, so that what listens can close; sessions go on. */
  stopListening(): void {
    for (const { session } of this.#sessions.values()) session.stopListening()
  }

  /** Ends every session. */
  [Symbol.dispose](): void {
    this.#sweep[Symbol.dispose]()
    for (const { session } of this.#sessions.values()) session.close()
  }

  #sweepLater(): void {
    this.#sweep[Symbol.dispose]()
    this.#sweep = this.#options.clock.setTimeout(() => {
      const now = this.#options.clock.now()
      for (const { session, since } of this.#idle()) if (now - since >= IDLE_MS) session.close()
      if (this.#sessions.size > 0) this.#sweepLater()
    }, SWEEP_MS)
  }

  #endIdlest(): boolean {
    const [idlest] = this.#idle().toSorted((a, b) => a.since - b.since)
    idlest?.session.close()
    return idlest !== undefined
  }

  #idle(): Array<{ session: McpSession; since: number }> {
    return [...this.#sessions.values()].flatMap(({ session }) => {
      const since = session.absentSince
      return since === undefined ? [] : [{ session, since }]
    })
  }
}
