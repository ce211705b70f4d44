import { setTimeout as sleep } from 'node:timers/promises'
import type { Program, ProgramOptions } from '../support/program.ts'
import { spawnWorker, startWorker, untilHealthy } from '../support/worker-process.ts'
import type { ScheduledFault } from './schedule.ts'
import type { WayBack } from './way-back.ts'

interface TormentOptions {
  port: number
  program: Omit<ProgramOptions, 'args'>
  wayBack: WayBack
  now: () => number
}

/** A worker at one address to which the faults of a schedule happen; killed or ended, it is started again at once. */
export class TormentedWorker implements AsyncDisposable {
  readonly #options: TormentOptions
  #worker: Program
  #starts = 1

  private constructor(worker: Program, options: TormentOptions) {
    this.#worker = worker
    this.#options = options
  }

  static async start(options: TormentOptions): Promise<TormentedWorker> {
    return new TormentedWorker(await startWorker(options.port, options.program), options)
  }

  /** How many times it was started. */
  get starts(): number {
    return this.#starts
  }

  /** Lets every fault happen at its time, from `startedAt` on, and leaves the worker healthy. */
  async suffer(faults: readonly ScheduledFault[], startedAt: number, signal: AbortSignal): Promise<void> {
    for (const scheduled of faults) {
      await sleep(Math.max(0, startedAt + scheduled.atMs - this.#options.now()), undefined, { signal })
      await this.#strike(scheduled, signal)
    }
    await untilHealthy(this.#options.port, signal)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#worker[Symbol.asyncDispose]()
  }

  async #strike({ fault }: ScheduledFault, signal: AbortSignal): Promise<void> {
    const { wayBack, now, port } = this.#options
    wayBack.workerLeft(now())
    if (fault.name === 'stop') {
      this.#worker.kill('SIGSTOP')
      await sleep(fault.forMs, undefined, { signal })
    }
    if (fault.name === 'stop' && fault.ending === 'continue') this.#worker.kill('SIGCONT')
    else await this.#restart(fault.name === 'end' ? 'SIGTERM' : 'SIGKILL')
    if (await untilHealthy(port, signal)) wayBack.workerReturned(now())
  }

  async #restart(signal: NodeJS.Signals): Promise<void> {
    this.#worker.kill(signal)
    await this.#worker.exited
    this.#worker = spawnWorker(this.#options.port, this.#options.program)
    this.#starts++
  }
}
