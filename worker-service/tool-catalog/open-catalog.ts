import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
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
  /** Which servers are asked: those of which nothing is remembered, and `all` others too, once there is time. */
  listing: 'all' | 'missing'
  /** How long those that are remembered wait to be asked anew, in milliseconds. */
  refreshDelayMs?: number
  listServer: ListServer
  observer: CatalogObserver
  /** Milliseconds since 1970. */
  now?: () => number
}

/** A catalogue and the work that fills it. Disposing it ends that work and every server it has started. */
export interface OpenCatalog extends AsyncDisposable {
  catalog: ToolCatalog
  /** Resolves when every server of which nothing was remembered has been asked. */
  synced: Promise<void>
  /** Resolves when those that were remembered have been asked anew, or are not to be. */
  refreshed: Promise<void>
  /** Takes on another configuration: what is known of unchanged servers stays, the others are asked. Resolves when they have been. */
  configure(servers: CatalogServers): Promise<void>
}

// Long enough that a broken server is not started by every one-shot, short enough that a repaired one is met again.
const FAILURE_REMEMBERED_MS = 10 * 60_000
// A one-shot that waited this long for a server in vain spares the next one the wait; given up sooner, nothing is said about the server.
const ONE_SHOT_PATIENCE_MS = 1_000

// Starting every server is the dearest thing a worker does; one that is started over and over must find its feet first.
const REFRESH_DELAY_MS = 30_000

/** Opens the catalogue with what is remembered, and asks servers for the rest in the background. */
export function openCatalog(options: CatalogOptions): OpenCatalog {
  const { cacheFolder, listing, listServer, observer, now = Date.now } = options
  const snapshot = new CatalogSnapshot(join(cacheFolder, 'catalog'), (message) => observer.snapshotFailed(message))
  const catalog = new LiveCatalog(namesOf(options))
  const patienceMs = listing === 'missing' ? ONE_SHOT_PATIENCE_MS : Number.POSITIVE_INFINITY
  const parts: SyncParts = { catalog, snapshot, listServer, observer, now, patienceMs }
  const stopped = new AbortController()
  const ask = (servers: readonly ServerDefinition[]) =>
    syncServers(servers, parts, stopped.signal)
      .then(() => writeCatalogSummary(cacheFolder, catalog))
      .catch((thrown: unknown) => observer.snapshotFailed(`The catalogue's summary is not kept: ${String(thrown)}`))
  skipUnusable(options, parts)
  recall(options.servers, listing, parts)
  let current: readonly ServerDefinition[] = options.servers
  const [known, unknown] = splitByKnown(current, catalog)
  let synced = ask(unknown)
  const askKnown = () => ask(known.filter((definition) => isAmong(current, definition)))
  const refreshed = listing === 'all' ? askLater(askKnown, options, stopped.signal) : synced
  return {
    catalog,
    refreshed,
    get synced() {
      return synced
    },
    async configure(configured) {
      const changed = configured.servers.filter((definition) => !isAmong(current, definition))
      current = configured.servers
      catalog.configure(namesOf(configured), new Set(changed.map(({ name }) => name)))
      skipUnusable(configured, parts)
      recall(changed, listing, parts)
      const before = synced
      synced = ask(changed).then(() => before)
      await synced
    },
    async [Symbol.asyncDispose]() {
      stopped.abort(new ServiceError('cancelled', 'The catalogue was closed.'))
      await Promise.all([synced, refreshed])
    },
  }
}

async function askLater(
  ask: () => Promise<void>,
  { refreshDelayMs }: CatalogOptions,
  signal: AbortSignal,
): Promise<void> {
  // Aborted while it waits, there is nothing left to ask.
  await sleep(refreshDelayMs ?? REFRESH_DELAY_MS, undefined, { signal, ref: false }).catch(() => {})
  await ask()
}

function namesOf({ servers, unusable }: CatalogServers): string[] {
  return [...servers, ...unusable].map(({ name }) => name)
}

function isAmong(servers: readonly ServerDefinition[], definition: ServerDefinition): boolean {
  return servers.some((one) => isDeepStrictEqual(one, definition))
}

function skipUnusable({ unusable }: CatalogServers, { catalog, observer }: SyncParts): void {
  for (const { name, reason } of unusable) {
    observer.serverSkipped(name, new ServiceError('server_unavailable', `server "${name}": ${reason}.`))
    catalog.skip(name, reason)
  }
}

/** Fills the catalogue with what is remembered. */
function recall(servers: readonly ServerDefinition[], listing: CatalogOptions['listing'], parts: SyncParts): void {
  for (const definition of servers) {
    const remembered = parts.snapshot.read(definition)
    if (remembered?.kind === 'listing') parts.catalog.accept(definition, remembered.listing)
    // Whoever asks all of them hears soon enough whether it still fails.
    if (remembered?.kind === 'failure' && listing === 'missing' && isFresh(remembered, parts.now())) {
      parts.catalog.skip(definition.name, remembered.reason)
    }
  }
}

function isFresh({ at }: Extract<RememberedServer, { kind: 'failure' }>, now: number): boolean {
  return Math.abs(now - at) < FAILURE_REMEMBERED_MS
}

function splitByKnown(servers: readonly ServerDefinition[], catalog: LiveCatalog) {
  const known = new Set([...catalog.skipped().keys(), ...catalog.servers().map(({ name }) => name)])
  const { known: old = [], unknown = [] } = Object.groupBy(servers, ({ name }) =>
    known.has(name) ? 'known' : 'unknown',
  )
  return [old, unknown] as const
}
