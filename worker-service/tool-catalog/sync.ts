import { setTimeout as sleep } from 'node:timers/promises'
import { withoutServer } from '../../shared/contracts/server-name.ts'
import { ServiceError } from '../../shared/errors/service-error.ts'
import type { ServerList } from '../routing/outbox.ts'
import type { ServerDefinition } from '../server-pool/server-definition.ts'
import type { KnownAnswers } from './known-answers.ts'
import type { LiveCatalog } from './live-catalog.ts'
import type { ServerAnswers } from './server-answers.ts'
import {
  type ListRest,
  type ListServer,
  type RememberedListing,
  type ServerListing,
  toRemembered,
  type WithheldTool,
} from './server-listing.ts'
import type { CatalogSnapshot } from './snapshot.ts'
import type { ToolChanges } from './tool-changes.ts'

/** Is told what becomes of the catalogue. */
export interface CatalogObserver {
  /** A server was asked and told its tools; `tools` counts those offered. */
  serverListed(server: string, tools: number): void
  /** A server could not be asked. What was known of it stays known. */
  serverSkipped(server: string, error: ServiceError): void
  /** A tool is neither shown nor found nor called from now on. */
  toolWithheld(server: string, tool: WithheldTool): void
  /** A server's tools are not those that were accepted. */
  toolsChanged(server: string, changes: ToolChanges): void
  /** What a server lists now was accepted; `tools` counts those offered. */
  toolsAccepted(server: string, tools: number): void
  /** The catalogue could not be kept, or what was kept could not be read. */
  snapshotFailed(message: string): void
}

/** What servers are listed with. */
export interface SyncParts {
  readonly catalog: Pick<LiveCatalog, 'skip' | 'skipped'>
  /** Takes what a server lists into the catalogue. */
  readonly take: (definition: ServerDefinition, listing: RememberedListing) => void
  readonly snapshot: CatalogSnapshot
  /** What servers have answered; kept for those who ask them the same. */
  readonly answers: KnownAnswers
  readonly listServer: ListServer
  /** A server has been asked for all that it has. */
  readonly answered: (server: string) => void
  /** Left out where nobody will ask the servers for more than their tools. */
  readonly listRest?: ListRest | undefined
  /** Whether a server runs, so that asking it starts none. */
  readonly isRunning: (server: string) => boolean
  readonly observer: CatalogObserver
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** A server that was asked for so long when the work was ended is remembered as one that failed; so that whoever comes next need not wait. */
  readonly patienceMs: number
}

const MAX_STARTED_AT_ONCE = 4
// When whoever had a server started has introduced themselves to it: servers ask their first questions then.
const AFTER_START_MS = 200
// A server that changes its tools one by one is asked once.
const AFTER_CHANGE_MS = 500
// In a small pool a server waits until another has been listed, for no longer than its calls may take. That may be short, and who asks here has time.
const MOST_TRIES = 10
const LONGEST_PAUSE_MS = 1_000
// It has just listed its tools; what it does not list as readily is asked for by who wants to have it.
const REST_DEADLINE_MS = 10_000

/**
 * Asks servers what they offer, into catalogue and snapshot: those it is told to, each one when it has started, and each one that says
 * that a list of its has changed. One that fails is skipped and disturbs no other. Nothing here rejects.
 */
export class CatalogSync implements AsyncDisposable {
  readonly #parts: SyncParts
  readonly #stopped = new AbortController()
  /** What is configured, by name. */
  #definitions = new Map<string, ServerDefinition>()
  /** Those that are being asked. By definition: one that was changed is another server. */
  readonly #asking = new Map<ServerDefinition, Promise<void>>()
  /** Those that said so while they were asked. */
  readonly #changedMeanwhile = new Set<ServerDefinition>()
  readonly #timers = new Map<string, NodeJS.Timeout>()

  constructor(parts: SyncParts) {
    this.#parts = parts
  }

  /** Has these servers from now on; what others answer is not taken any more. */
  configure(definitions: readonly ServerDefinition[]): void {
    this.#definitions = new Map(definitions.map((definition) => [definition.name, definition]))
  }

  /** Asks these servers, of which four may be started at once. Resolves when all have been asked. */
  async ask(definitions: readonly ServerDefinition[]): Promise<void> {
    const waiting = definitions.values()
    const work = async () => {
      for (const definition of waiting) if (this.#isWanted(definition)) await this.#ask(definition)
    }
    await Promise.all(Array.from({ length: MAX_STARTED_AT_ONCE }, work))
  }

  /** A server has started: it is asked shortly, unless it is being asked already. */
  serverStarted(name: string): void {
    const definition = this.#definitions.get(name)
    if (definition === undefined || this.#asking.has(definition)) return
    // One that does not stay is asked while it is there.
    this.#askIn(Math.min(AFTER_START_MS, definition.keepAliveMs / 2), definition)
  }

  /** A server says that a list of its has changed. */
  listChanged(name: string, list: ServerList): void {
    const definition = this.#definitions.get(name)
    if (definition === undefined) return
    const { answers, snapshot } = this.#parts
    // On disk too: it may not be there to be asked any more.
    if (answers.forgetList(name, list)) void snapshot.writeAnswers(definition, answers.of(name))
    if (this.#asking.has(definition)) this.#changedMeanwhile.add(definition)
    else this.#askIn(AFTER_CHANGE_MS, definition)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped.abort(new ServiceError('cancelled', 'The catalogue was closed.'))
    for (const timer of this.#timers.values()) clearTimeout(timer)
    await Promise.all(this.#asking.values())
  }

  #isWanted(definition: ServerDefinition): boolean {
    return !this.#stopped.signal.aborted && this.#definitions.get(definition.name) === definition
  }

  #askIn(delayMs: number, definition: ServerDefinition): void {
    const { name } = definition
    if (this.#timers.has(name) || !this.#isWanted(definition)) return
    this.#timers.set(name, setTimeout(() => this.#askIfRunning(name), delayMs).unref())
  }

  // One that has stopped meanwhile is asked when it starts again.
  #askIfRunning(name: string): void {
    this.#timers.delete(name)
    const definition = this.#definitions.get(name)
    if (definition !== undefined && this.#parts.isRunning(name)) void this.#ask(definition)
  }

  #ask(definition: ServerDefinition): Promise<void> {
    const asking = this.#asking.get(definition) ?? this.#list(definition).then(() => this.#asked(definition))
    this.#asking.set(definition, asking)
    return asking
  }

  #asked(definition: ServerDefinition): void {
    this.#asking.delete(definition)
    if (this.#changedMeanwhile.delete(definition)) this.#askIn(AFTER_CHANGE_MS, definition)
  }

  async #list(definition: ServerDefinition): Promise<void> {
    const { now, patienceMs } = this.#parts
    const { signal } = this.#stopped
    const startedAt = now()
    try {
      const listing = await this.#listWhenThereIsRoom(definition, signal)
      if (this.#definitions.get(definition.name) === definition) await this.#accept(definition, listing)
    } catch (thrown) {
      if (this.#isWanted(definition)) return await this.#skip(definition, ServiceError.from(thrown))
      if (signal.aborted && now() - startedAt >= patienceMs) {
        await this.#skip(definition, new ServiceError('timeout', 'it was still starting when it was last asked'))
      }
    }
  }

  async #listWhenThereIsRoom(definition: ServerDefinition, signal: AbortSignal): Promise<ServerListing> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.#parts.listServer(definition, signal)
      } catch (thrown) {
        const { code, retryAfterMs = Number.POSITIVE_INFINITY } = ServiceError.from(thrown)
        const mayTryAgain = code === 'overloaded' && retryAfterMs <= LONGEST_PAUSE_MS && tries < MOST_TRIES
        if (!mayTryAgain || !this.#isWanted(definition)) throw thrown
        await sleep(retryAfterMs, undefined, { signal })
      }
    }
  }

  async #accept(definition: ServerDefinition, listing: ServerListing): Promise<void> {
    const { take, snapshot, now } = this.#parts
    const remembered = toRemembered(listing)
    take(definition, remembered)
    await snapshot.write(definition, { kind: 'listing', listing: remembered, at: now() })
    await this.#listRest(definition, listing.answers)
  }

  async #listRest(definition: ServerDefinition, told: ServerAnswers): Promise<void> {
    const { listRest, answers, snapshot } = this.#parts
    if (listRest === undefined) return
    const signal = AbortSignal.any([this.#stopped.signal, AbortSignal.timeout(REST_DEADLINE_MS)])
    const rest = await listRest(definition, signal).catch(() => undefined)
    // What it said may be outdated already, and is asked for again.
    if (rest === undefined || this.#changedMeanwhile.has(definition) || !this.#isWanted(definition)) return
    answers.take(definition.name, new Map([...told, ...rest]))
    this.#parts.answered(definition.name)
    await snapshot.writeAnswers(definition, answers.of(definition.name))
  }

  async #skip(definition: ServerDefinition, error: ServiceError): Promise<void> {
    // It is the service that ends, of the server nothing is known.
    if (error.code === 'shutting_down') return
    const { name } = definition
    const { catalog, snapshot, observer, now } = this.#parts
    const reason = withoutServer(name, error.message).replace(/\.$/, '')
    observer.serverSkipped(name, error)
    catalog.skip(name, reason)
    // A listing, though old, is worth more than the news that there was no newer one.
    if (catalog.skipped().has(name)) await snapshot.write(definition, { kind: 'failure', reason, at: now() })
  }
}
