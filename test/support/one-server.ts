import { SYSTEM_CLOCK } from '../../worker-service/server-pool/clock.ts'
import type { Connector } from '../../worker-service/server-pool/connectors/connector.ts'
import type { ServerDefinition } from '../../worker-service/server-pool/server-definition.ts'
import { NO_KNOWLEDGE } from '../../worker-service/server-pool/server-knowledge.ts'
import { ServerPool } from '../../worker-service/server-pool/server-pool.ts'
import { createListServer } from '../../worker-service/tool-catalog/list-server.ts'
import type { ServerListing } from '../../worker-service/tool-catalog/server-listing.ts'
import { RecordingPoolObserver } from './recording-pool-observer.ts'

const NEVER = new AbortController().signal

/** One server in a pool of its own, reached by the connector under test. */
export class OneServer implements AsyncDisposable {
  readonly pool: ServerPool
  readonly #definition: ServerDefinition

  constructor(definition: ServerDefinition, connect: Connector) {
    this.#definition = definition
    this.pool = new ServerPool({
      connect,
      clock: SYSTEM_CLOCK,
      random: Math.random,
      observer: new RecordingPoolObserver(),
      memoryMbOf: () => undefined,
      knowledge: NO_KNOWLEDGE,
    })
    void this.pool.apply({ servers: [definition], unusable: [], disabled: [], limits: { maxSize: 1 } })
  }

  /** Rejects with why it could not be started. */
  async start(): Promise<void> {
    await this.pool.start(this.#definition.name)
  }

  /** Asks for its tools, as the catalogue does. */
  list(signal = NEVER): Promise<ServerListing> {
    return createListServer(this.pool)(this.#definition, signal)
  }

  /** Calls a tool; resolves with its result, parsed. */
  async call(tool: string, args: Record<string, unknown> = {}, signal = NEVER): Promise<unknown> {
    const result = await this.pool.call(
      this.#definition.name,
      { tool, arguments: Buffer.from(JSON.stringify(args)) },
      signal,
    )
    return JSON.parse(result.toString())
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.pool[Symbol.asyncDispose]()
  }
}
