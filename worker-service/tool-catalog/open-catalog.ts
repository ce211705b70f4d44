import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { ServiceError } from '../../shared/errors/service-error.ts'
import type { ServerDefinition } from '../server-pool/server-definition.ts'
import { writeCatalogSummary } from './catalog-summary.ts'
import { LiveCatalog } from './live-catalog.ts'
import type { ListServer } from './server-listing.ts'
import { CatalogSnapshot, type RememberedServer } from './snapshot.ts'
import { type CatalogObserver, type SyncParts, syncServers } from './sync.ts'
import type { ToolCatalog } from './tool-catalog.ts'

/** What is configured: the usable servers and the others. */
export interface CatalogServers {
  servers: readonly ServerDefinition[]
  unusable: readonly { name: string; reason: string }[]
}

/** What a catalogue is made of and kept in. */
export interface CatalogOptions extends CatalogServers {
  cacheFolder: string
  /** Which servers are asked: all of them, or only those of which nothing is remembered. */
  listing: 'all' | 'missing'
  listServer: ListServer
  observer: CatalogObserver
  /** Milliseconds since 1970. */
  now?: () => number
}

/** A catalogue and the work that fills it. Disposing it ends that work and every server it has started. */
export interface OpenCatalog extends AsyncDisposable {
  catalog: ToolCatalog
  /** Resolves when every server that was to be asked has been. */
  synced: Promise<void>
  /** Takes on another configuration: what is known of unchanged servers stays, the others are asked. Resolves when they have been. */
  configure(servers: CatalogServers): Promise<void>
}

// Long enough that a broken server is not started by every one-shot, short enough that a repaired one is met again.
const FAILURE_REMEMBERED_MS = 10 * 60_000
// A one-shot that waited this long for a server in vain spares the next one the wait; given up sooner, nothing is said about the server.
const ONE_SHOT_PATIENCE_MS = 1_000

/** Opens the catalogue with what is remembered, and asks servers for the rest in the background. */
export async function openCatalog(options: CatalogOptions): Promise<OpenCatalog> {
  const { cacheFolder, listing, listServer, observer, now = Date.now } = options
  const snapshot = new CatalogSnapshot(join(cacheFolder, 'catalog'), (message) => observer.snapshotFailed(message))
  const catalog = new LiveCatalog(namesOf(options))
  const patienceMs = listing === 'missing' ? ONE_SHOT_PATIENCE_MS : Number.POSITIVE_INFINITY
  const parts: SyncParts = { catalog, snapshot, listServer, observer, now, patienceMs }
  const stopped = new AbortController()
  const sync = (servers: readonly ServerDefinition[]) =>
    syncServers(servers, parts, stopped.signal)
      .then(() => writeCatalogSummary(cacheFolder, catalog))
      .catch((thrown: unknown) => observer.snapshotFailed(`The catalogue's summary is not kept: ${String(thrown)}`))
  skipUnusable(options, parts)
  let current: CatalogServers = options
  let synced = sync(await recall(options.servers, listing, parts))
  return {
    catalog,
    get synced() {
      return synced
    },
    async configure(servers) {
      const changed = changedServers(current.servers, servers.servers)
      current = servers
      catalog.configure(namesOf(servers), new Set(changed.map(({ name }) => name)))
      skipUnusable(servers, parts)
      const before = synced
      const toAsk = recall(changed, listing, parts)
      synced = toAsk.then(sync).then(() => before)
      await synced
    },
    async [Symbol.asyncDispose]() {
      stopped.abort(new ServiceError('cancelled', 'The catalogue was closed.'))
      await synced
    },
  }
}

function namesOf({ servers, unusable }: CatalogServers): string[] {
  return [...servers, ...unusable].map(({ name }) => name)
}

function changedServers(
  before: readonly ServerDefinition[],
  now: readonly ServerDefinition[],
): readonly ServerDefinition[] {
  const known = new Map(before.map((definition) => [definition.name, definition]))
  return now.filter((definition) => !isDeepStrictEqual(definition, known.get(definition.name)))
}

function skipUnusable({ unusable }: CatalogServers, { catalog, observer }: SyncParts): void {
  for (const { name, reason } of unusable) {
    observer.serverSkipped(name, new ServiceError('server_unavailable', `server "${name}": ${reason}.`))
    catalog.skip(name, reason)
  }
}

/** Fills the catalogue with what is remembered; resolves with the servers that are to be asked. */
async function recall(
  servers: readonly ServerDefinition[],
  listing: CatalogOptions['listing'],
  parts: SyncParts,
): Promise<readonly ServerDefinition[]> {
  const all = await Promise.all(
    servers.map(async (definition) => ({ definition, remembered: await parts.snapshot.read(definition) })),
  )
  for (const { definition, remembered } of all) {
    if (remembered?.kind === 'listing') parts.catalog.accept(definition, remembered.listing)
    // Whoever asks all of them hears soon enough whether it still fails.
    if (remembered?.kind === 'failure' && listing === 'missing' && isFresh(remembered, parts.now())) {
      parts.catalog.skip(definition.name, remembered.reason)
    }
  }
  return servers.filter(({ name }) => listing === 'all' || !isKnown(parts.catalog, name))
}

function isFresh({ at }: Extract<RememberedServer, { kind: 'failure' }>, now: number): boolean {
  return Math.abs(now - at) < FAILURE_REMEMBERED_MS
}

function isKnown(catalog: LiveCatalog, name: string): boolean {
  return catalog.skipped().has(name) || catalog.servers().some((server) => server.name === name)
}
