import { ServiceError } from '../shared/errors/service-error.ts'

/** Work that was started: its answer, and when it is wholly over and its place is free again. `ended` never rejects. */
export interface StartedWork<T> {
  answer: Promise<T>
  ended: Promise<void>
}

/** What became of a call in the queue: it ran, or it was handed back before it started. */
export type QueueOutcome<T> = { kind: 'done'; value: T } | { kind: 'recalled' }

/** Limits and work of a {@link SharedQueue}. `start` stops its work when the signal aborts. */
export interface SharedQueueOptions<T> {
  maxRunning: number
  start: (key: string, signal: AbortSignal) => StartedWork<T>
}

interface Job<T> {
  key: string
  state: 'queued' | 'running' | 'over'
  sharers: number
  outcome: PromiseWithResolvers<QueueOutcome<T>>
  stop: AbortController
}

/** Runs a few at a time. Calls with the same key share one run; the others wait in line until their own deadline. */
export class SharedQueue<T> implements AsyncDisposable {
  readonly #options: SharedQueueOptions<T>
  readonly #jobs = new Map<string, Job<T>>()
  readonly #line: Job<T>[] = []
  readonly #running = new Map<Job<T>, Promise<void>>()

  constructor(options: SharedQueueOptions<T>) {
    this.#options = options
  }

  /**
   * Joins the run of this key or asks for one. Throws `overloaded` when it has not started at `deadline`, and the signal's reason when
   * that aborts; a run whose last caller left is stopped.
   */
  async run(key: string, deadline: AbortSignal, signal: AbortSignal): Promise<QueueOutcome<T>> {
    signal.throwIfAborted()
    const job = this.#jobs.get(key) ?? this.#enqueue(key)
    job.sharers++
    const left = Promise.withResolvers<never>()
    const onAbort = () => left.reject(signal.reason)
    const onDeadline = () => {
      if (job.state === 'queued') left.reject(this.#overloaded())
    }
    signal.addEventListener('abort', onAbort)
    deadline.addEventListener('abort', onDeadline)
    if (deadline.aborted) onDeadline()
    try {
      return await Promise.race([job.outcome.promise, left.promise])
    } finally {
      signal.removeEventListener('abort', onAbort)
      deadline.removeEventListener('abort', onDeadline)
      if (--job.sharers === 0) this.#abandon(job)
    }
  }

  /** Hands back every call that has not started. */
  recall(): void {
    for (const job of this.#line.splice(0)) {
      this.#settle(job)
      job.outcome.resolve({ kind: 'recalled' })
    }
  }

  /** Stops what runs, fails what waits with `shutting_down`, and resolves when every run is over. */
  async [Symbol.asyncDispose](): Promise<void> {
    const reason = new ServiceError('shutting_down', 'The front is shutting down.')
    for (const job of this.#line.splice(0)) {
      this.#settle(job)
      job.outcome.reject(reason)
    }
    for (const job of this.#running.keys()) job.stop.abort(reason)
    await Promise.all(this.#running.values())
  }

  #enqueue(key: string): Job<T> {
    const job: Job<T> = {
      key,
      state: 'queued',
      sharers: 0,
      outcome: Promise.withResolvers(),
      stop: new AbortController(),
    }
    // Whoever shares the job handles its failure; nobody may be left to.
    job.outcome.promise.catch(() => {})
    this.#jobs.set(key, job)
    this.#line.push(job)
    this.#startNext()
    return job
  }

  #startNext(): void {
    while (this.#running.size < this.#options.maxRunning) {
      const job = this.#line.shift()
      if (job === undefined) return
      job.state = 'running'
      const work = this.#options.start(job.key, job.stop.signal)
      this.#running.set(job, this.#runToEnd(job, work))
    }
  }

  async #runToEnd(job: Job<T>, { answer, ended }: StartedWork<T>): Promise<void> {
    try {
      job.outcome.resolve({ kind: 'done', value: await answer })
    } catch (thrown) {
      job.outcome.reject(thrown)
    }
    this.#settle(job)
    await ended
    this.#running.delete(job)
    this.#startNext()
  }

  #abandon(job: Job<T>): void {
    if (job.state === 'over') return
    const place = this.#line.indexOf(job)
    if (place !== -1) this.#line.splice(place, 1)
    this.#settle(job)
    job.stop.abort(new ServiceError('cancelled', 'Nobody waits for this any more.'))
  }

  // From here on an equal call starts a run of its own.
  #settle(job: Job<T>): void {
    job.state = 'over'
    if (this.#jobs.get(job.key) === job) this.#jobs.delete(job.key)
  }

  #overloaded(): ServiceError {
    const { maxRunning } = this.#options
    return new ServiceError('overloaded', `All ${maxRunning} one-shots stayed busy until the deadline.`, {
      retryAfterMs: 1_000,
    })
  }
}
