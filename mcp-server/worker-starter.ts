import type { Environment } from '../shared/environment.ts'
import { ServiceError } from '../shared/errors/service-error.ts'
import type { FoundWorker, WorkerStart } from '../shared/start-worker.ts'
import type { StderrLog } from './stderr-log.ts'

export interface WorkerStarterOptions {
  readonly environment: Environment
  readonly variables: WorkerStart['variables']
  readonly log: StderrLog
  /** A worker was looked for or started, and answers. */
  readonly there?: () => void
  /** Milliseconds, as `performance.now`. */
  readonly now: () => number
}

// One that does not start now will not a moment later; whoever mends what is wrong need not start anything anew.
const RETRY_MS = 10_000
const NEVER = new AbortController().signal

/** Has a worker started in the background whenever one is missed, unless somebody else runs it or none is to be started. */
export class WorkerStarter {
  readonly #options: WorkerStarterOptions
  #start: Promise<FoundWorker> | undefined
  #wasThere = false
  #failedAt = Number.NEGATIVE_INFINITY

  constructor(options: WorkerStarterOptions) {
    this.#options = options
  }

  /** Whether a worker may be started here. */
  get mayStart(): boolean {
    const { worker, autoStart } = this.#options.environment
    return worker.url === undefined && autoStart !== false
  }

  /** A worker is needed and there may be none. What comes of it is told on stderr. */
  missed(): void {
    if (!this.mayStart || this.#options.now() - this.#failedAt < RETRY_MS) return
    this.start().catch((thrown: unknown) => {
      this.#options.log.line(ServiceError.from(thrown).message)
    })
  }

  /** Resolves with a worker that answers, started if there was none. Throws why there is none. Once at a time, whoever asks. */
  start(): Promise<FoundWorker> {
    this.#start ??= this.#find().finally(() => {
      this.#start = undefined
    })
    return this.#start
  }

  async #find(): Promise<FoundWorker> {
    const { environment, variables, log, there } = this.#options
    // Loaded when it is needed: a front must start as fast as an empty Node.
    const { startWorker, describeStart } = await import('../shared/start-worker.ts')
    // One of another version that came while this client was served is whoever's who started it: two would replace each other for ever.
    const otherVersion = this.#wasThere ? 'taken' : 'replaced'
    try {
      const found = await startWorker({ environment, variables, mode: 'on-demand', otherVersion }, NEVER)
      const news = describeStart(found)
      if (news !== undefined) log.line(news)
      this.#wasThere = true
      there?.()
      return found
    } catch (thrown) {
      this.#failedAt = this.#options.now()
      throw thrown
    }
  }
}
