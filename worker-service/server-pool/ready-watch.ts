import type { Clock } from './clock.ts'
import { Heartbeat } from './heartbeat.ts'
import { IdleWatch } from './idle-watch.ts'
import type { ServerDefinition } from './server-definition.ts'

/** A ready server as its watch sees it. */
export interface WatchedServer {
  isBusy(): boolean
  /** When a call last began or ended, in milliseconds of the clock. */
  lastUsedAt(): number
  ping(): void
  /** Its resident memory in MB; undefined where it cannot be told. */
  memoryMb(): number | undefined
  /** It missed its pings. */
  died(): void
  /** It is idle, and for this reason it should not go on. */
  mayStop(why: string): void
}

/** Watches a ready server: whether it lives, is used, and stays within its memory. Disposing it ends that. */
export class ReadyWatch implements Disposable {
  readonly #heartbeat: Heartbeat
  readonly #idleWatch: IdleWatch

  constructor(server: WatchedServer, definition: ServerDefinition, clock: Clock) {
    const { heartbeatMs, keepAliveMs, maxMemoryMb = Number.POSITIVE_INFINITY } = definition
    const checkMemory = () => {
      const memoryMb = server.memoryMb() ?? 0
      if (memoryMb > maxMemoryMb) server.mayStop(`it used ${Math.round(memoryMb)} MB, over its ${maxMemoryMb} MB.`)
    }
    this.#heartbeat = new Heartbeat(
      {
        isBusy: () => server.isBusy(),
        ping: () => server.ping(),
        died: () => server.died(),
        wasFoundWell: checkMemory,
      },
      { clock, intervalMs: heartbeatMs },
    )
    this.#idleWatch = new IdleWatch(
      {
        isBusy: () => server.isBusy(),
        lastUsedAt: () => server.lastUsedAt(),
        unused: () => server.mayStop('it was unused.'),
      },
      { clock, keepAliveMs },
    )
  }

  /** The server has sent something. */
  heard(): void {
    this.#heartbeat.heard()
  }

  /** Its last call has ended. */
  becameIdle(): void {
    this.#idleWatch.becameIdle()
  }

  [Symbol.dispose](): void {
    this.#heartbeat[Symbol.dispose]()
    this.#idleWatch[Symbol.dispose]()
  }
}
