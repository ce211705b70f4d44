import type { ServerDefinition, StdioServerDefinition } from '../../worker-service/server-pool/server-definition.ts'
import type { ServerKnowledge } from '../../worker-service/server-pool/server-knowledge.ts'
import { ServerPool } from '../../worker-service/server-pool/server-pool.ts'
import type { HeldState } from '../../worker-service/server-pool/sharing.ts'
import { FakeServers } from './fake-servers.ts'
import { fixtureServer } from './fixture-server.ts'
import { ManualClock } from './manual-clock.ts'
import { RecordingPoolObserver } from './recording-pool-observer.ts'

/** A pool over fake servers, its time and chance in the test's hands. Every server is restarted after the whole of its wait. */
export class FakePool implements ServerKnowledge, AsyncDisposable {
  readonly clock = new ManualClock()
  readonly servers = new FakeServers()
  readonly observer = new RecordingPoolObserver()
  readonly pool: ServerPool
  /** What servers are remembered to have answered, by `server method`. */
  readonly remembered = new Map<string, string>()
  /** What servers were seen to hold that is not for every client. */
  readonly holders = new Map<string, HeldState>()
  readonly #maxSize: number

  constructor(maxSize = 10) {
    this.#maxSize = maxSize
    this.pool = new ServerPool({
      connect: this.servers.connect,
      clock: this.clock,
      random: () => 1,
      observer: this.observer,
      memoryMbOf: () => this.servers.behaviour.memoryMb,
      knowledge: this,
    })
  }

  recall(server: string, method: string): Buffer | undefined {
    const result = this.remembered.get(`${server} ${method}`)
    return result === undefined ? undefined : Buffer.from(result)
  }

  whyWithheld(_: string, tool: string): string | undefined {
    return tool === 'withheld' ? 'it is to be' : undefined
  }

  withheldAmong(_: string, listed: readonly unknown[]): ReadonlyMap<number, string> {
    const isWithheld = (tool: unknown) => (tool as { name: string }).name === 'withheld'
    return new Map(listed.flatMap((tool, place) => (isWithheld(tool) ? [[place, 'it is to be'] as const] : [])))
  }

  seenToHold({ name }: ServerDefinition): HeldState | undefined {
    return this.holders.get(name)
  }

  sawHolding({ name }: ServerDefinition, held: HeldState): void {
    this.holders.set(name, held)
  }

  /** Makes these the configured servers: names, or names with settings. */
  async configure(...servers: Array<string | ({ name: string } & Partial<StdioServerDefinition>)>): Promise<void> {
    await this.pool.apply({
      servers: servers.map((server) => fixtureServer('fake', typeof server === 'string' ? { name: server } : server)),
      unusable: [],
      disabled: [],
      limits: { maxSize: this.#maxSize },
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.servers.behaviour.stop = 'at once'
    for (const server of this.servers.running) server.release()
    const disposed = this.pool[Symbol.asyncDispose]()
    // Calls in flight are waited for.
    await this.clock.advance(60_000)
    await disposed
  }
}
