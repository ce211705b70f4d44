import { ServiceError } from '../../shared/errors/service-error.ts'
import type { ServerDefinition } from '../server-pool/server-definition.ts'
import type { LiveCatalog } from './live-catalog.ts'
import { type ListServer, type ServerListing, toRemembered, type WithheldTool } from './server-listing.ts'
import type { CatalogSnapshot } from './snapshot.ts'

/** Is told what becomes of the catalogue. */
export interface CatalogObserver {
  /** A server was asked and told its tools; `tools` counts those offered. */
  serverListed(server: string, tools: number): void
  /** A server could not be asked. What was known of it stays known. */
  serverSkipped(server: string, error: ServiceError): void
  toolWithheld(server: string, tool: WithheldTool): void
  /** The catalogue could not be kept, or what was kept could not be read. */
  snapshotFailed(message: string): void
}

/** What servers are listed with. `now` is milliseconds since 1970. */
export interface SyncParts {
  catalog: LiveCatalog
  snapshot: CatalogSnapshot
  listServer: ListServer
  observer: CatalogObserver
  now: () => number
  /** A server that was asked for so long when the work was ended is remembered as one that failed; so that whoever comes next need not wait. */
  patienceMs: number
}

const MAX_AT_ONCE = 4

/** Asks servers for their tools, four at once, into catalogue and snapshot. One that fails is skipped and disturbs no other. Never rejects. */
export async function syncServers(
  servers: readonly ServerDefinition[],
  parts: SyncParts,
  signal: AbortSignal,
): Promise<void> {
  const waiting = servers.values()
  const work = async () => {
    for (const definition of waiting) {
      if (signal.aborted) return
      await syncServer(definition, parts, signal)
    }
  }
  await Promise.all(Array.from({ length: MAX_AT_ONCE }, work))
}

async function syncServer(definition: ServerDefinition, parts: SyncParts, signal: AbortSignal): Promise<void> {
  const startedAt = parts.now()
  try {
    await acceptListing(definition, await parts.listServer(definition, signal), parts)
  } catch (thrown) {
    if (!signal.aborted) return await skipServer(definition, ServiceError.from(thrown), parts)
    if (parts.now() - startedAt < parts.patienceMs) return
    await skipServer(definition, new ServiceError('timeout', 'it was still starting when it was last asked'), parts)
  }
}

async function acceptListing(definition: ServerDefinition, listing: ServerListing, parts: SyncParts): Promise<void> {
  const { catalog, snapshot, observer } = parts
  const remembered = toRemembered(listing)
  const { tools } = catalog.accept(definition, remembered)
  observer.serverListed(definition.name, tools.length)
  for (const tool of listing.withheld) observer.toolWithheld(definition.name, tool)
  await snapshot.write(definition, { kind: 'listing', listing: remembered })
}

async function skipServer(definition: ServerDefinition, error: ServiceError, parts: SyncParts): Promise<void> {
  const { name } = definition
  const { catalog, snapshot, observer, now } = parts
  const reason = withoutPrefix(name, error.message)
  observer.serverSkipped(name, error)
  catalog.skip(name, reason)
  // A listing, though old, is worth more than the news that there was no newer one.
  if (catalog.skipped().has(name)) await snapshot.write(definition, { kind: 'failure', reason, at: now() })
}

// Where reasons are shown, the server's name stands before them already.
function withoutPrefix(name: string, message: string): string {
  const prefix = `server "${name}": `
  return (message.startsWith(prefix) ? message.slice(prefix.length) : message).replace(/\.$/, '')
}
