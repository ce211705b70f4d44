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

// While little is left a chunk is read in pieces: what waits is bytes then, and not the thousands of lines that may be in it.
const PIECE_BYTES = 4_096
const NOTHING = Buffer.alloc(0)

/**
 * Takes the lines of a stream while the allowance lasts; then the rest waits, and the stream is not read, until there is some again. So
 * a flood costs a little at a time, and it is its sender who has to wait.
 */
export class PacedLines {
  readonly #options: PacedLinesOptions
  #waiting: Buffer = NOTHING
  #rest: Disposable | undefined
  #isHurried = false

  /** Begins to read. */
  constructor(options: PacedLinesOptions) {
    this.#options = options
    const { stream } = options
    stream.on('data', (chunk: Buffer) => this.#read(chunk))
    stream.once('end', () => this.#end())
  }

  /** From now on everything is taken as it comes: the stream is about to end. */
  hurry(): void {
    this.#isHurried = true
    this.#rest?.[Symbol.dispose]()
    this.#goOn()
  }

  #read(chunk: Buffer): void {
    this.#waiting = this.#waiting.length === 0 ? chunk : Buffer.concat([this.#waiting, chunk])
    if (this.#rest === undefined) this.#goOn()
  }

  #end(): void {
    this.hurry()
    for (const line of this.#options.splitter.end()) this.#options.take(line)
  }

  #goOn(): void {
    const { allowance, stream, clock } = this.#options
    this.#rest = undefined
    for (;;) {
      const restMs = this.#isHurried ? 0 : allowance.restMs()
      if (restMs > 0) {
        stream.pause()
        this.#rest = clock.setTimeout(() => this.#goOn(), restMs)
        return
      }
      if (this.#waiting.length === 0) break
      this.#takePiece(this.#isHurried || allowance.isAmple() ? this.#waiting.length : PIECE_BYTES)
    }
    if (stream.isPaused()) stream.resume()
  }

  #takePiece(bytes: number): void {
    const { splitter, allowance, take } = this.#options
    const isAll = bytes >= this.#waiting.length
    const piece = isAll ? this.#waiting : this.#waiting.subarray(0, bytes)
    this.#waiting = isAll ? NOTHING : this.#waiting.subarray(bytes)
    for (const line of splitter.push(piece)) take(line)
    if (splitter.isSkipping) allowance.spend(piece.length)
  }
}
