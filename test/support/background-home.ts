import { readEnvironment } from '../../shared/environment.ts'
import { type FoundWorker, startWorker, type WorkerStart } from '../../shared/start-worker.ts'
import { findFreePort } from './free-port.ts'
import { commandOf, killIfThere, processesMentioning } from './processes.ts'
import { createTemporaryHome, type TemporaryHome } from './temporary-home.ts'
import { untilNone } from './until-none.ts'

const KILL_DEADLINE_MS = 30_000

/** A user's home whose workers in the background are ended with it. */
export class BackgroundHome implements AsyncDisposable {
  readonly path: string
  /** What a program needs in its environment to live there. */
  readonly variables: Readonly<Record<string, string>>
  readonly port: number
  readonly #home: TemporaryHome

  private constructor(home: TemporaryHome, port: number) {
    this.#home = home
    this.path = home.path
    this.port = port
    const { WORKER_AUTO_START: _, ...variables } = home.variables
    this.variables = { ...variables, WORKER_SERVICE_PORT: String(port) }
  }

  static async create(): Promise<BackgroundHome> {
    return new BackgroundHome(await createTemporaryHome(process.env.PATH ?? ''), await findFreePort())
  }

  get environment(): ReturnType<typeof readEnvironment> {
    return readEnvironment(this.variables)
  }

  /** Finds the worker or starts it, as a program of this home would. */
  start(more: Partial<WorkerStart> = {}): Promise<FoundWorker> {
    const { environment, variables } = this
    return startWorker({ environment, variables, mode: 'background', ...more }, new AbortController().signal)
  }

  /** The processes of its workers that live. */
  workers(): number[] {
    return processesMentioning(this.path).filter((pid) => commandOf(pid).includes('worker.cjs'))
  }

  /** Kills its workers, as a power cut would. */
  async killWorkers(): Promise<void> {
    const left = await untilNone(() => {
      // One may be about to start while others are killed.
      const workers = this.workers()
      for (const pid of workers) killIfThere(pid)
      return workers.length
    }, KILL_DEADLINE_MS)
    if (left > 0) throw new Error(`${left} workers of ${this.path} cannot be killed.`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.killWorkers()
    await this.#home[Symbol.asyncDispose]()
  }
}
