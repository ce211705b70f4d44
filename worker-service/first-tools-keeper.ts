import { messageOf } from '../shared/errors/message-of.ts'
import { type FirstToolsSource, forgetFirstTools, writeFirstTools } from '../shared/first-tools.ts'
import type { ServiceTools } from './service.ts'

/** What a {@link FirstToolsKeeper} works with. */
export interface FirstToolsKeeperOptions {
  readonly source: FirstToolsSource
  readonly tools: Pick<ServiceTools, 'areSelectedElsewhere' | 'onChange'>
  /** The list of a client that has been given nothing yet. */
  readonly list: () => Promise<string>
  readonly warn: (message: string) => void
}

/** Leaves on disk what a front answers its client's first tools/list with, which then waits for nobody, and keeps it up to date. */
export class FirstToolsKeeper implements AsyncDisposable {
  readonly #options: FirstToolsKeeperOptions
  #kept: Promise<void> = Promise.resolve()
  #isOutdated = false

  constructor(options: FirstToolsKeeperOptions) {
    this.#options = options
    const { source, tools } = options
    // What can be found elsewhere changes without a word.
    if (tools.areSelectedElsewhere) forgetFirstTools(source)
    else {
      tools.onChange(() => this.#keep())
      this.#keep()
    }
  }

  /** Waits until what is to be kept is kept. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#kept
  }

  // Servers are mostly listed several at a time.
  #keep(): void {
    if (this.#isOutdated) return
    this.#isOutdated = true
    this.#kept = this.#kept.then(() => this.#write())
  }

  async #write(): Promise<void> {
    const { source, list, warn } = this.#options
    this.#isOutdated = false
    try {
      await writeFirstTools(source, await list())
    } catch (thrown) {
      warn(`The list of tools for new clients is not kept: ${messageOf(thrown)}`)
    }
  }
}
