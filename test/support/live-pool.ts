import { SYSTEM_CLOCK } from '../../worker-service/server-pool/clock.ts'
import type { ChildSupervision } from '../../worker-service/server-pool/connectors/child-supervision.ts'
import { createConnector } from '../../worker-service/server-pool/connectors/open-connection.ts'
import type { ServerDefinition } from '../../worker-service/server-pool/server-definition.ts'
import { NO_KNOWLEDGE } from '../../worker-service/server-pool/server-knowledge.ts'
import { ServerPool } from '../../worker-service/server-pool/server-pool.ts'
import { RecordingPoolObserver } from './recording-pool-observer.ts'
import { SpawnedGroups } from './spawned-groups.ts'

/** A pool over real processes, in this one. */
export class LivePool implements AsyncDisposable {
  /** What was started, unless somebody else supervises it. */
  readonly groups = new SpawnedGroups()
  readonly observer = new RecordingPoolObserver()
  readonly pool: ServerPool

  private constructor(supervision: ChildSupervision | undefined) {
    const supervised = supervision === undefined ? { spawn: this.groups.spawn } : { supervision }
    this.pool = new ServerPool({
      connect: createConnector({ variables: process.env, ...supervised }),
      clock: SYSTEM_CLOCK,
      random: Math.random,
      observer: this.observer,
      memoryMbOf: () => undefined,
      knowledge: NO_KNOWLEDGE,
    })
  }

  /** Makes a pool of these servers, none of which runs yet. */
  static async of(servers: readonly ServerDefinition[], supervision?: ChildSupervision): Promise<LivePool> {
    const live = new LivePool(supervision)
    await live.configure(...servers)
    return live
  }

  /** Makes these the configured servers. */
  configure(...servers: ServerDefinition[]): Promise<void> {
    return this.pool.apply({ servers, unusable: [], disabled: [], limits: { maxSize: 10 } })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.pool[Symbol.asyncDispose]()
  }
}
