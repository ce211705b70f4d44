import type { CatalogSummary } from '../shared/contracts/find-tools-tool.ts'
import type { WorkerClient } from '../shared/worker-client/worker-client.ts'
import { catalogSummaryOf, sameSummary } from './catalog-summary.ts'
import { deadlineAfter, sleep } from './deadline.ts'

/** What a {@link CatalogWatch} works with. */
export interface CatalogWatchOptions {
  client: Pick<WorkerClient, 'ready'>
  /** What is known before the worker was asked. */
  initial: CatalogSummary | undefined
  /** Called when the worker tells other figures than were known. */
  onChange: () => void
}

const READY_DEADLINE_MS = 5_000
const NOT_READY_INTERVAL_MS = 2_000
// A client that lists the tools right after its start gets the figures at once, if the worker is as quick as usual.
const FIRST_ANSWER_MS = 50

/** Knows how many tools can be found and where, as the worker told last. */
export class CatalogWatch implements Disposable {
  readonly #options: CatalogWatchOptions
  #summary: CatalogSummary | undefined
  #asking: { answered: Promise<void>; cancel: AbortController } | undefined
  #repeat: NodeJS.Timeout | undefined

  constructor(options: CatalogWatchOptions) {
    this.#options = options
    this.#summary = options.initial
  }

  /** What is known now. Waits a moment for the worker only where nothing is known and it has just been asked. */
  async summary(): Promise<CatalogSummary | undefined> {
    if (this.#summary === undefined && this.#asking !== undefined) {
      const { answered, cancel } = this.#asking
      await Promise.race([answered, sleep(FIRST_ANSWER_MS, cancel.signal).catch(() => {})])
    }
    return this.#summary
  }

  /** Asks the worker anew in the background, and again for as long as it is still filling its catalogue. */
  refresh(): void {
    this[Symbol.dispose]()
    const cancel = new AbortController()
    const answered = this.#ask(cancel.signal).finally(() => {
      if (this.#asking?.cancel === cancel) this.#asking = undefined
    })
    this.#asking = { answered, cancel }
  }

  /** Stops asking. */
  [Symbol.dispose](): void {
    clearTimeout(this.#repeat)
    this.#asking?.cancel.abort()
    this.#asking = undefined
  }

  async #ask(cancelled: AbortSignal): Promise<void> {
    using deadline = deadlineAfter(READY_DEADLINE_MS, new Error('GET /ready was not answered in time'))
    try {
      const readiness = await this.#options.client.ready(AbortSignal.any([deadline.signal, cancelled]))
      if (!cancelled.aborted) this.#learn(catalogSummaryOf(readiness))
    } catch {
      // The link says so when the worker is away, and asks for a refresh when it is back.
    }
  }

  #learn(summary: CatalogSummary | undefined): void {
    if (summary === undefined) {
      this.#repeat = setTimeout(() => this.refresh(), NOT_READY_INTERVAL_MS).unref()
      return
    }
    if (sameSummary(summary, this.#summary)) return
    this.#summary = summary
    this.#options.onChange()
  }
}
