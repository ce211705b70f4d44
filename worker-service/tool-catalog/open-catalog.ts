import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { ServiceError } from '../../shared/errors/service-error.ts'
import type { RecalledMethod } from '../routing/list-methods.ts'
import type { ServerList } from '../routing/outbox.ts'
import type { ServerDefinition } from '../server-pool/server-definition.ts'
import { type HeldState, isSameLaunch } from '../server-pool/sharing.ts'
import { AcceptedToolsFolder } from './accepted-tools.ts'
import { KnownAnswers } from './known-answers.ts'
import { parseObject } from './list-pages.ts'
import { LiveCatalog } from './live-catalog.ts'
import { changesSilently } from './paged-lists.ts'
import { NO_ANSWERS, type ServerAnswers } from './server-answers.ts'
import type { ListRest, ListServer, RememberedListing } from './server-listing.ts'
import { CatalogSnapshot, type RememberedServer } from './snapshot.ts'
import { type CatalogObserver, CatalogSync, type SyncParts } from './sync.ts'
import { type ToolReport, VettedTools } from './vetted-tools.ts'

/** What is configured: the usable servers and the others. */
export interface CatalogServers {
  servers: readonly ServerDefinition[]
  unusable: readonly { name: string; reason: string }[]
}

/** A catalogue as the servers that it lists see it. */
export interface ServersCatalog extends Pick<VettedTools, 'reportOf' | 'whyWithheld' | 'withheldAmong'> {
  /** The names of a server's tools; undefined where they are not known. */
  toolNames(server: string): readonly string[] | undefined
  /** Resolves when a server of which no tools are known has been asked for them, for which it is started. */
  askForTools(server: string): Promise<void>
  /** A server has started. */
  serverStarted(server: string): void
  /** A server says that a list of its has changed. */
  listChanged(server: string, list: ServerList): void
  /** What a server has answered and would again. */
  answersOf(server: string): ServerAnswers
  /** Whether it could not be listed when it was last asked. */
  isSkipped(server: string): boolean
  /** As much of that as is all there is of an answer. */
  recall(server: string, method: RecalledMethod): Buffer | undefined
  /** What a server that is run in this way was seen to hold that is not for every client. */
  seenToHold(definition: ServerDefinition): HeldState | undefined
  /** It was seen to hold this, which is kept. */
  sawHolding(definition: ServerDefinition, held: HeldState): void
  /** Accepts the tools that a server lists now. Throws `server_unavailable` where they are not known. */
  acceptTools(server: string): Promise<void>
}

/** What a catalogue is made of and kept in. */
export interface CatalogOptions extends CatalogServers {
  cacheFolder: string
  /** Where it is kept which tools were accepted. */
  stateFolder: string
  /** Which servers are asked: none, those of which nothing is remembered, or those too of which what is remembered is, or may be, outdated. */
  listing: 'nothing' | 'missing' | 'outdated'
  /** When those that are outdated are asked the first time, and how often from then on, in milliseconds. */
  refreshDelayMs?: number
  refreshEveryMs?: number
  listServer: ListServer
  /** Left out where nobody will ask the servers for more than their tools. */
  listRest?: ListRest | undefined
  /** Is told when a server has been asked for all that it has. */
  answered?: ((server: string) => void) | undefined
  /** Whether a server runs, so that asking it starts none. */
  isRunning: (server: string) => boolean
  observer: CatalogObserver
  /** Milliseconds since 1970. */
  now?: () => number
}

/** How long what is remembered counts, in milliseconds. */
const TRUSTED_MS = {
  // Long enough that a broken server is not started by every one-shot, short enough that a repaired one is met again.
  failure: 10 * 60_000,
  // A server in use is asked whenever it starts; this is for one that nobody uses.
  listing: 24 * 3_600_000,
} as const satisfies Record<RememberedServer['kind'], number>
// A one-shot that waited this long for a server in vain spares the next one the wait; given up sooner, nothing is said about the server.
const ONE_SHOT_PATIENCE_MS = 1_000

// Starting servers is the dearest thing a worker does; one that is started over and over must find its feet first.
const REFRESH_DELAY_MS = 30_000
const REFRESH_EVERY_MS = TRUSTED_MS.failure

/** A catalogue and the work that keeps it up to date, of which disposing it is the end. It begins with what is remembered. */
export class OpenCatalog implements ServersCatalog, AsyncDisposable {
  readonly catalog = new LiveCatalog()
  /** Resolves when those that were outdated have been asked anew for the first time, or are not to be. */
  readonly refreshed: Promise<void>
  readonly #options: CatalogOptions
  readonly #answers = new KnownAnswers()
  readonly #vetted: VettedTools
  readonly #snapshot: CatalogSnapshot
  readonly #sync: CatalogSync
  readonly #closed = new AbortController()
  #current: readonly ServerDefinition[] = []
  #synced: Promise<void>
  #nextRefresh: Promise<void> | undefined

  constructor(options: CatalogOptions) {
    const { cacheFolder, stateFolder, listing, refreshDelayMs = REFRESH_DELAY_MS, observer, now = Date.now } = options
    this.#options = options
    const patienceMs = listing === 'missing' ? ONE_SHOT_PATIENCE_MS : Number.POSITIVE_INFINITY
    const warn = (message: string) => observer.snapshotFailed(message)
    const accepted = new AcceptedToolsFolder(join(stateFolder, 'accepted-tools'), warn)
    this.#snapshot = new CatalogSnapshot(join(cacheFolder, 'catalog'), warn)
    this.#vetted = new VettedTools(accepted, { isKeeper: listing === 'outdated' })
    const take: SyncParts['take'] = (definition, listed) => this.#listed(definition, listed)
    const answered: SyncParts['answered'] = (server) => options.answered?.(server)
    const kept = { catalog: this.catalog, answers: this.#answers, snapshot: this.#snapshot, take, answered }
    this.#sync = new CatalogSync({ ...options, ...kept, now, patienceMs })
    const missing = this.#take(options)
    this.#synced = listing === 'nothing' ? Promise.resolve() : this.#sync.ask(missing)
    this.refreshed = listing === 'outdated' ? this.#refreshIn(refreshDelayMs) : this.#synced
  }

  /** Resolves when every server of which nothing was remembered has been asked. */
  get synced(): Promise<void> {
    return this.#synced
  }

  /** Takes on another configuration: what is known of unchanged servers stays, the others are asked in the background. */
  configure(configured: CatalogServers): void {
    const asked = this.#sync.ask(this.#take(configured))
    this.#synced = this.#synced.then(() => asked)
  }

  toolNames(server: string): readonly string[] | undefined {
    const listed = this.catalog.servers().find(({ name }) => name === server)
    return listed?.tools.map(({ name }) => name)
  }

  async askForTools(server: string): Promise<void> {
    const definition = this.#current.find(({ name }) => name === server)
    if (definition !== undefined && this.toolNames(server) === undefined) await this.#sync.ask([definition])
  }

  serverStarted(server: string): void {
    this.#sync.serverStarted(server)
  }

  listChanged(server: string, list: ServerList): void {
    this.#sync.listChanged(server, list)
  }

  answersOf(server: string): ServerAnswers {
    if (this.#options.listing !== 'nothing') return this.#answers.of(server)
    // Whoever asks nobody is not there for long, and mostly wants none of them.
    const definition = this.#current.find(({ name }) => name === server)
    return (definition && this.#snapshot.readAnswers(definition)) ?? NO_ANSWERS
  }

  isSkipped(server: string): boolean {
    return this.catalog.skipped().has(server)
  }

  recall(server: string, method: RecalledMethod): Buffer | undefined {
    return this.#answers.recall(server, method)
  }

  seenToHold(definition: ServerDefinition): HeldState | undefined {
    return this.#snapshot.seenToHold(definition)
  }

  sawHolding(definition: ServerDefinition, held: HeldState): void {
    this.#snapshot.noteHolding(definition, held)
  }

  reportOf(server: string): ToolReport {
    return this.#vetted.reportOf(server)
  }

  whyWithheld(server: string, tool: string): string | undefined {
    return this.#vetted.whyWithheld(server, tool)
  }

  withheldAmong(server: string, listed: readonly unknown[]): ReadonlyMap<number, string> {
    return this.#vetted.withheldAmong(server, listed)
  }

  async acceptTools(server: string): Promise<void> {
    const { definition, listing } = await this.#vetted.accept(server)
    const { tools } = this.catalog.accept(definition, listing)
    this.#options.observer.toolsAccepted(server, tools.length)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // With a reason, since an error that is made for it takes a fiftieth of a one-shot's life.
    this.#closed.abort('closed')
    await this.#sync[Symbol.asyncDispose]()
    await Promise.all([this.#synced, this.refreshed, this.#nextRefresh, this.#vetted.kept()])
  }

  /** Has these servers from now on; returns those that are run in another way than before, and new ones of which too little is remembered. */
  #take({ servers, unusable }: CatalogServers): ServerDefinition[] {
    const { observer } = this.#options
    const before = this.#current
    const added = servers.filter((definition) => !isAmong(before, definition))
    const redefined = added.filter((definition) => before.some((known) => isRunOtherwise(known, definition)))
    const removed = before.filter((definition) => !isAmong(servers, definition))
    this.#current = [...before.filter((definition) => isAmong(servers, definition)), ...added]
    for (const { name } of removed) this.#answers.forget(name)
    this.catalog.configure(namesOf({ servers, unusable }), new Set(namesOf({ servers: added, unusable })))
    skipUnusable(unusable, { catalog: this.catalog, observer })
    this.#sync.configure(this.#current)
    this.#vetted.configure(this.#current)
    const unknown = added.filter((definition) => !this.#recall(definition))
    for (const definition of redefined) this.#vetted.doubt(definition)
    return [...new Set([...unknown, ...redefined])]
  }

  /** Takes what a server lists, and tells what is new of it. */
  #listed(definition: ServerDefinition, listing: RememberedListing): void {
    const { observer } = this.#options
    const { name } = definition
    const before = this.#vetted.reportOf(name)
    const { tools } = this.catalog.accept(definition, this.#vetted.vet(definition, listing))
    observer.serverListed(name, tools.length)
    const { withheld, changes } = this.#vetted.reportOf(name)
    for (const tool of withheld) {
      if (!before.withheld.some((known) => isDeepStrictEqual(known, tool))) observer.toolWithheld(name, tool)
    }
    if (changes !== undefined && !isDeepStrictEqual(changes, before.changes)) observer.toolsChanged(name, changes)
  }

  /** Takes what is remembered of a server. Returns whether that is enough. */
  #recall(definition: ServerDefinition): boolean {
    const remembered = this.#snapshot.read(definition)
    if (remembered === undefined) return false
    if (remembered.kind === 'listing') {
      this.catalog.accept(definition, this.#vetted.vet(definition, remembered.listing))
      return this.#recallAnswers(definition)
    }
    const isFresh = this.#isFresh(remembered)
    if (isFresh) this.catalog.skip(definition.name, remembered.reason)
    // Who is there for long hears soon enough whether it still fails.
    return isFresh && this.#options.listing === 'missing'
  }

  #recallAnswers(definition: ServerDefinition): boolean {
    if (this.#options.listRest === undefined) return true
    const answers = this.#snapshot.readAnswers(definition)
    if (answers !== undefined) this.#answers.take(definition.name, answers)
    return answers !== undefined
  }

  #isFresh({ kind, at }: RememberedServer): boolean {
    const { now = Date.now } = this.#options
    return Math.abs(now() - at) < TRUSTED_MS[kind]
  }

  async #refreshIn(delayMs: number): Promise<void> {
    const { now = Date.now, refreshEveryMs = REFRESH_EVERY_MS } = this.#options
    const { signal } = this.#closed
    // Aborted while it waits, there is nothing left to do.
    await sleep(delayMs, undefined, { signal, ref: false }).catch(() => {})
    if (signal.aborted) return
    this.#snapshot.prune(this.#current, now())
    await this.#sync.ask(this.#current.filter((definition) => this.#isOutdated(definition)))
    this.#nextRefresh = this.#refreshIn(refreshEveryMs)
  }

  /** Whether a server could not be listed, is known from long ago, or runs and may list something else without a word. */
  #isOutdated(definition: ServerDefinition): boolean {
    const { name } = definition
    if (this.catalog.skipped().has(name)) return true
    const [greeting] = this.#answers.of(name).get('initialize') ?? []
    if (greeting !== undefined && this.#options.isRunning(name) && changesSilently(parseObject(greeting))) return true
    const remembered = this.#snapshot.read(definition)
    return remembered !== undefined && !this.#isFresh(remembered)
  }
}

function isAmong(servers: readonly ServerDefinition[], definition: ServerDefinition): boolean {
  return servers.some((one) => isDeepStrictEqual(one, definition))
}

function isRunOtherwise(known: ServerDefinition, definition: ServerDefinition): boolean {
  return known.name === definition.name && !isSameLaunch(known, definition)
}

function namesOf({ servers, unusable }: CatalogServers): string[] {
  return [...servers, ...unusable].map(({ name }) => name)
}

function skipUnusable(
  unusable: CatalogServers['unusable'],
  { catalog, observer }: { catalog: LiveCatalog; observer: CatalogObserver },
): void {
  for (const { name, reason } of unusable) {
    observer.serverSkipped(name, new ServiceError('server_unavailable', `server "${name}": ${reason}.`))
    catalog.skip(name, reason)
  }
}
