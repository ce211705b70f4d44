import { join } from 'node:path'
import { ServiceError } from '../../shared/errors/service-error.ts'
import type { ServerDefinition } from '../server-pool/server-definition.ts'
import { writeCatalogSummary } from './catalog-summary.ts'
import { LiveCatalog } from './live-catalog.ts'
import type { ListServer } from './server-listing.ts'
import { CatalogSnapshot, type RememberedServer } from './snapshot.ts'
import { type CatalogObserver, type SyncParts, syncServers } from './sync.ts'
import type { ToolCatalog } from './tool-catalog.ts'

/** What a catalogue is made of and kept in. */
export interface CatalogOptions {
  /** The usable servers and the others, as the configuration has them. */
  servers: readonly ServerDefinition[]
  unusable: readonly { name: string; reason: string }[]
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
}

// Long enough that a broken server is not started by every one-shot, short enough that a repaired one is met again.
const FAILURE_REMEMBERED_MS = 10 * 60_000
// A one-shot that waited this long for a server in vain spares the next one the wait; given up sooner, nothing is said about the server.
const ONE_SHOT_PATIENCE_MS = 1_000

/** Opens the catalogue with what is remembered, and asks servers for the rest in the background. */
export function openCatalog(options: CatalogOptions): OpenCatalog {
  const { servers, unusable, cacheFolder, listing, listServer, observer, now = Date.now } = options
  const snapshot = new CatalogSnapshot(join(cacheFolder, 'catalog'), (message) => observer.snapshotFailed(message))
  const catalog = new LiveCatalog([...servers, ...unusable].map(({ name }) => name))
  for (const { name, reason } of unusable) {
    observer.serverSkipped(name, new ServiceError('server_unavailable', `server "${name}": ${reason}.`))
    catalog.skip(name, reason)
  }
  const patienceMs = listing === 'missing' ? ONE_SHOT_PATIENCE_MS : Number.POSITIVE_INFINITY
  const parts: SyncParts = { catalog, snapshot, listServer, observer, now, patienceMs }
  const toAsk = recall(options, parts)
  const stopped = new AbortController()
  const synced = syncServers(toAsk, parts, stopped.signal)
    .then(() => writeCatalogSummary(cacheFolder, catalog))
    .catch((thrown: unknown) => observer.snapshotFailed(`The catalogue's summary is not kept: ${String(thrown)}`))
  return {
    catalog,
    synced,
    async [Symbol.asyncDispose]() {
      stopped.abort(new ServiceError('cancelled', 'The catalogue was closed.'))
      await synced
    },
  }
}

/** Fills the catalogue with what is remembered, and returns the servers that are to be asked. */
function recall({ servers, listing }: CatalogOptions, parts: SyncParts): ServerDefinition[] {
  for (const definition of servers) {
    const remembered = parts.snapshot.read(definition)
    if (remembered?.kind === 'listing') parts.catalog.accept(definition, remembered.listing)
    // Whoever asks all of them hears soon enough whether it still fails.
    if (remembered?.kind === 'failure' && listing === 'missing' && isFresh(remembered, parts.now())) {
      parts.catalog.skip(definition.name, remembered.reason)
    }
  }
  const isToAsk = listing === 'all' ? () => true : ({ name }: ServerDefinition) => !isKnown(parts.catalog, name)
  return servers.filter(isToAsk)
}

function isFresh({ at }: Extract<RememberedServer, { kind: 'failure' }>, now: number): boolean {
  return Math.abs(now - at) < FAILURE_REMEMBERED_MS
}

function isKnown(catalog: LiveCatalog, name: string): boolean {
  return catalog.skipped().has(name) || catalog.servers().some((server) => server.name === name)
}
