import type { Readable } from 'node:stream'
import type { LineSplitter, SplitLine } from '../../../shared/line-splitter.ts'
import type { Clock } from '../clock.ts'
import type { Allowance } from './allowance.ts'

/** What lines are read with. */
export interface PacedLinesOptions {
  readonly stream: Readable
  readonly splitter: LineSplitter
  /** What lines cost is spent by whoever takes them; bytes of a line that is skipped are spent here. */
  readonly allowance: Allowance
  readonly take: (line: SplitLine) => void
  readonly clock: Clock
}

/**
 * Takes the lines of a stream one by one while the allowance lasts; then they wait, and the stream is not read, until there is some
 * again. So a flood costs a little at a time, and it is its sender who has to wait.
 */
export class PacedLines {
  readonly #options: PacedLinesOptions
  #waiting: SplitLine[] = []
  #taken = 0
  #rest: Disposable | undefined
  #isHurried = false

  /** Begins to read. */
  constructor(options: PacedLinesOptions) {
    this.#options = options
    const { stream, splitter } = options
    stream.on('data', (chunk: Buffer) => this.#read(chunk))
    stream.once('end', () => {
      this.#waiting.push(...splitter.end())
      this.hurry()
    })
  }

  /** From now on everything is taken as it comes: the stream is about to end. */
  hurry(): void {
    this.#isHurried = true
    this.#rest?.[Symbol.dispose]()
    this.#goOn()
  }

  #read(chunk: Buffer): void {
    const { splitter, allowance } = this.#options
    for (const line of splitter.push(chunk)) this.#waiting.push(line)
    if (splitter.isSkipping) allowance.spend(chunk.length)
    if (this.#rest === undefined) this.#goOn()
  }

  #goOn(): void {
    const { allowance, stream, take, clock } = this.#options
    this.#rest = undefined
    for (;;) {
      const restMs = this.#isHurried ? 0 : allowance.restMs()
      if (restMs > 0) {
        stream.pause()
        this.#rest = clock.setTimeout(() => this.#goOn(), restMs)
        return
      }
      const line = this.#next()
      if (line === undefined) break
      take(line)
    }
    if (stream.isPaused()) stream.resume()
  }

  #next(): SplitLine | undefined {
    const line = this.#waiting[this.#taken++]
    if (line !== undefined) return line
    this.#waiting = []
    this.#taken = 0
    return undefined
  }
}
