import { deadlineAfter } from '../shared/deadline.ts'

/** What a {@link LifeWatch} asks and tells. Times are milliseconds. */
export interface LifeWatchOptions {
  /** Whether anything is owed to us. */
  readonly isOwed: () => boolean
  /** Whether the worker answers, on another way than the one that is watched. */
  readonly isAlive: (signal: AbortSignal) => Promise<boolean>
  /** The worker hangs. */
  readonly hangs: () => void
  /** It goes on. */
  readonly goesOn: () => void
  /** It has hung for as long as is waited for. */
  readonly givenUp: () => void
  readonly patienceMs?: number
}

const CHECK_MS = 1_000
const PROBE_DEADLINE_MS = 500
const HANGING_CHECK_MS = 500
/** Something that takes long is asked about less often. */
const LONG_CHECKS = 5
const PATIENCE_MS = 10_000

type LifeState =
  | { readonly name: 'at-rest' }
  /** `silentChecks`: how many in a row with nothing heard. */
  | { readonly name: 'watching'; readonly timer: NodeJS.Timeout; silentChecks: number }
  | { readonly name: 'hanging'; readonly timer: NodeJS.Timeout; readonly since: number }

/** Finds out that a worker hangs: something is owed, nothing comes, and it does not answer when it is asked. */
export class LifeWatch implements Disposable {
  readonly #options: LifeWatchOptions
  #state: LifeState = { name: 'at-rest' }
  #isAsking = false

  constructor(options: LifeWatchOptions) {
    this.#options = options
  }

  get isHanging(): boolean {
    return this.#state.name === 'hanging'
  }

  /** Something is owed from now on. */
  asked(): void {
    // What takes long is asked about seldom; this may not.
    if (this.#state.name === 'watching' && this.#state.silentChecks > 1) this.#state.silentChecks = 0
    if (this.#state.name !== 'at-rest') return
    const timer = setInterval(() => this.#check(), CHECK_MS).unref()
    this.#state = { name: 'watching', timer, silentChecks: 0 }
  }

  /** Something came. */
  heard(): void {
    if (this.#state.name === 'watching') this.#state.silentChecks = -1
    if (this.#state.name === 'hanging') this.#goOn()
  }

  /** There is nothing to watch any more. */
  rest(): void {
    if (this.#state.name !== 'at-rest') clearInterval(this.#state.timer)
    this.#state = { name: 'at-rest' }
  }

  [Symbol.dispose](): void {
    this.rest()
  }

  #check(): void {
    if (this.#state.name !== 'watching') return
    if (!this.#options.isOwed()) return this.rest()
    this.#state.silentChecks++
    const { silentChecks } = this.#state
    if (silentChecks === 1 || (silentChecks > 0 && silentChecks % LONG_CHECKS === 0)) void this.#probe()
  }

  async #probe(): Promise<void> {
    if (this.#isAsking) return
    this.#isAsking = true
    const asked = this.#state
    using deadline = deadlineAfter(PROBE_DEADLINE_MS, new Error('The worker did not answer in time.'))
    const isAlive = await this.#options.isAlive(deadline.signal).catch(() => false)
    this.#isAsking = false
    // Something else was heard or begun meanwhile.
    if (this.#state !== asked) return
    if (this.#state.name === 'watching' && !isAlive && this.#state.silentChecks > 0) this.#hang()
    else if (this.#state.name === 'hanging') this.#stillHangs(isAlive, this.#state.since)
  }

  #stillHangs(isAlive: boolean, since: number): void {
    if (isAlive) return this.#goOn()
    const { patienceMs = PATIENCE_MS } = this.#options
    if (performance.now() - since >= patienceMs) this.#options.givenUp()
  }

  #hang(): void {
    this.rest()
    const timer = setInterval(() => void this.#probe(), HANGING_CHECK_MS).unref()
    this.#state = { name: 'hanging', timer, since: performance.now() }
    this.#options.hangs()
  }

  #goOn(): void {
    this.rest()
    this.#options.goesOn()
    if (this.#options.isOwed()) this.asked()
  }
}
