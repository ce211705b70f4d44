import { SYSTEM_CLOCK } from '../server-pool/clock.ts'
import type { Connector } from '../server-pool/connectors/connector.ts'
import { SILENT_POOL_OBSERVER } from '../server-pool/pool-observer.ts'
import { DEFAULT_POOL_LIMITS, type ServerDefinition } from '../server-pool/server-definition.ts'
import { NO_KNOWLEDGE } from '../server-pool/server-knowledge.ts'
import { ServerPool } from '../server-pool/server-pool.ts'
import { createListServer } from './list-server.ts'
import type { ListServer } from './server-listing.ts'

/** Servers that run for no longer than it takes to list them. Disposing it ends those that still do. */
export class ListingPool implements AsyncDisposable {
  readonly listServer: ListServer
  readonly #pool: ServerPool

  constructor(servers: readonly ServerDefinition[], connect: Connector) {
    const pool = new ServerPool({
      connect,
      clock: SYSTEM_CLOCK,
      random: Math.random,
      observer: SILENT_POOL_OBSERVER,
      memoryMbOf: () => undefined,
      knowledge: NO_KNOWLEDGE,
    })
    this.#pool = pool
    this.listServer = createListServer(pool)
    const passing = servers.map((definition) => ({ ...definition, autoStart: false, keepAliveMs: 0 }))
    // In an empty pool nothing has to go first.
    void pool.apply({ servers: passing, unusable: [], disabled: [], limits: DEFAULT_POOL_LIMITS })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#pool[Symbol.asyncDispose]()
  }
}
