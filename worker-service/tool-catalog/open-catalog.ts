import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { ServiceError } from '../../shared/errors/service-error.ts'
import type { ServerDefinition } from '../server-pool/server-definition.ts'
import { writeCatalogSummary } from './catalog-summary.ts'
import { LiveCatalog } from './live-catalog.ts'
import type { ListServer } from './server-listing.ts'
import { CatalogSnapshot, type RememberedServer } from './snapshot.ts'
import { type CatalogObserver, CatalogSync } from './sync.ts'
import type { ToolCatalog } from './tool-catalog.ts'

/** What is configured: the usable servers and the others. */
export interface CatalogServers {
  servers: readonly ServerDefinition[]
  unusable: readonly { name: string; reason: string }[]
}

/** A catalogue as the servers that it lists see it. */
export interface ServersCatalog {
  /** The names of a server's tools; undefined where they are not known. */
  toolNames(server: string): readonly string[] | undefined
  /** A server has started. */
  serverStarted(server: string): void
  /** A server says that its tools have changed. */
  toolsChanged(server: string): void
}

/** What a catalogue is made of and kept in. */
export interface CatalogOptions extends CatalogServers {
  cacheFolder: string
  /** Which servers are asked: those of which nothing is remembered, or those too of which what is remembered is outdated. */
  listing: 'missing' | 'outdated'
  /** How long it takes until those are asked whose tools are remembered from long ago, in milliseconds. */
  refreshDelayMs?: number
  listServer: ListServer
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

/** A catalogue and the work that keeps it up to date, of which disposing it is the end. */
export interface OpenCatalog extends ServersCatalog, AsyncDisposable {
  catalog: ToolCatalog
  /** Resolves when every server of which nothing was remembered has been asked. */
  readonly synced: Promise<void>
  /** Resolves when those that were remembered from long ago have been asked anew, or are not to be. */
  readonly refreshed: Promise<void>
  /** Takes on another configuration: what is known of unchanged servers stays, the others are asked in the background. */
  configure(servers: CatalogServers): void
}

/** Opens the catalogue with what is remembered, and asks servers for the rest in the background. */
export function openCatalog(options: CatalogOptions): OpenCatalog {
  const { cacheFolder, listing, refreshDelayMs = REFRESH_DELAY_MS, observer, now = Date.now } = options
  const snapshot = new CatalogSnapshot(join(cacheFolder, 'catalog'), (message) => observer.snapshotFailed(message))
  const catalog = new LiveCatalog()
  const summarise = () =>
    writeCatalogSummary(cacheFolder, catalog).catch((thrown: unknown) =>
      observer.snapshotFailed(`The catalogue's summary is not kept: ${String(thrown)}`),
    )
  const patienceMs = listing === 'missing' ? ONE_SHOT_PATIENCE_MS : Number.POSITIVE_INFINITY
  const sync = new CatalogSync({ ...options, catalog, snapshot, now, patienceMs, changed: summarise })
  let current: readonly ServerDefinition[] = []
  const take = ({ servers, unusable }: CatalogServers): Recalled => {
    const added = servers.filter((definition) => !current.some((known) => isDeepStrictEqual(known, definition)))
    const kept = current.filter((definition) => servers.some((one) => isDeepStrictEqual(one, definition)))
    current = [...kept, ...added]
    catalog.configure(namesOf({ servers, unusable }), new Set(namesOf({ servers: added, unusable })))
    skipUnusable(unusable, { catalog, observer })
    sync.configure(current)
    return recall(added, { catalog, snapshot, listing, now })
  }
  const { missing, outdated } = take(options)
  const closed = new AbortController()
  let synced = sync.ask(missing)
  const refreshed =
    listing === 'missing' ? synced : sleepFor(refreshDelayMs, closed.signal).then(() => sync.ask(outdated))
  return {
    catalog,
    refreshed,
    get synced() {
      return synced
    },
    configure(configured) {
      const recalled = take(configured)
      const asked = sync.ask([...recalled.missing, ...recalled.outdated])
      synced = synced.then(() => asked)
    },
    toolNames: (server) =>
      catalog
        .servers()
        .find(({ name }) => name === server)
        ?.tools.map(({ name }) => name),
    serverStarted: (server) => sync.serverStarted(server),
    toolsChanged: (server) => sync.toolsChanged(server),
    async [Symbol.asyncDispose]() {
      closed.abort()
      await sync[Symbol.asyncDispose]()
      await Promise.all([synced, refreshed])
    },
  }
}

// Aborted while it waits, there is nothing left to wait for.
function sleepFor(ms: number, signal: AbortSignal): Promise<void> {
  return sleep(ms, undefined, { signal, ref: false }).catch(() => {})
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

/** Servers of which nothing is remembered, or too little, and those of which it is from long ago. */
interface Recalled {
  readonly missing: ServerDefinition[]
  readonly outdated: ServerDefinition[]
}

interface RecallParts extends Required<Pick<CatalogOptions, 'listing' | 'now'>> {
  readonly catalog: LiveCatalog
  readonly snapshot: CatalogSnapshot
}

/** Fills the catalogue with what is remembered. */
function recall(servers: readonly ServerDefinition[], { catalog, snapshot, listing, now }: RecallParts): Recalled {
  const missing: ServerDefinition[] = []
  const outdated: ServerDefinition[] = []
  for (const definition of servers) {
    const remembered = snapshot.read(definition)
    const isFresh = remembered !== undefined && Math.abs(now() - remembered.at) < TRUSTED_MS[remembered.kind]
    if (remembered?.kind === 'listing') {
      catalog.accept(definition, remembered.listing)
      if (!isFresh) outdated.push(definition)
      continue
    }
    if (remembered !== undefined && isFresh) catalog.skip(definition.name, remembered.reason)
    // Who is there for long hears soon enough whether it still fails.
    if (listing === 'outdated' || !isFresh) missing.push(definition)
  }
  return { missing, outdated }
}
