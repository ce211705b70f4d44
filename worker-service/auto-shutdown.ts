import type { WorkerMode } from '../shared/worker-mode.ts'
import type { ServiceSettings } from './config/service-settings.ts'
import type { WorkerUse } from './control/worker-use.ts'
import type { Clock } from './server-pool/clock.ts'
import { IdleWatch } from './server-pool/idle-watch.ts'

/** Whose use is watched, by which clock, and who is told when there was none for long enough. */
interface AutoShutdownOptions {
  readonly use: WorkerUse
  readonly clock: Clock
  /** One in the foreground is stopped by whoever looks after it. */
  readonly mode: WorkerMode
  /** With who asked for the stop, for a sentence. */
  readonly stop: (askedBy: string) => void
}

/** Stops a worker that has had neither clients nor calls for as long as is configured, which may change while it runs. */
export class AutoShutdown implements Disposable {
  readonly #options: AutoShutdownOptions
  #keepAliveMs: number | undefined
  #watch: IdleWatch | undefined

  constructor(options: AutoShutdownOptions) {
    this.#options = options
  }

  /** Takes on after how long it is to be stopped. */
  configure({ autoShutdownMs }: Pick<ServiceSettings, 'autoShutdownMs'>): void {
    const { use, clock, mode, stop } = this.#options
    const keepAliveMs = mode === 'foreground' ? undefined : autoShutdownMs
    if (keepAliveMs === this.#keepAliveMs) return
    this[Symbol.dispose]()
    this.#keepAliveMs = keepAliveMs
    if (keepAliveMs === undefined) return
    const usage = {
      isBusy: () => use.isBusy(),
      lastUsedAt: () => use.lastUsedAt(),
      unused: () => stop(`nobody, for ${keepAliveMs / 60_000} minutes`),
    }
    this.#watch = new IdleWatch(usage, { clock, keepAliveMs })
  }

  [Symbol.dispose](): void {
    this.#watch?.[Symbol.dispose]()
    this.#watch = undefined
  }
}
