import type { PooledServersObserver } from '../pooled-servers.ts'
import { SILENT_POOL_OBSERVER } from '../server-pool/pool-observer.ts'
import type { ServiceObserver } from '../service.ts'
import type { ApiObserver } from '../tool-selection/upstream/api-client.ts'

const SILENT_API_OBSERVER: ApiObserver = {
  connectionOpened() {},
  connectionClosed() {},
  requestFinished() {},
  circuitOpened() {},
  circuitClosed() {},
}

/** An observer for a program that nobody watches. */
export const SILENT_OBSERVER: ServiceObserver = {
  selector: SILENT_API_OBSERVER,
  embeddings: { requests: SILENT_API_OBSERVER, lost() {}, back() {}, warn() {} },
  catalog: {
    serverListed() {},
    serverSkipped() {},
    toolWithheld() {},
    toolsChanged() {},
    toolsAccepted() {},
    snapshotFailed() {},
  },
}

/** The same of the pool; what becomes of servers stands in their logs all the same. */
export const SILENT_SERVERS_OBSERVER: PooledServersObserver = {
  pool: SILENT_POOL_OBSERVER,
  configurationLoaded() {},
  leftoversEnded() {},
  leftoversRemain() {},
  programNews() {},
}
