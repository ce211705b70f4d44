import type { Readable } from 'node:stream'
import type { LineSplitter, SplitLine } from '../../../shared/line-splitter.ts'
import type { Clock } from '../clock.ts'
import type { Allowance, Turn } from './allowance.ts'

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
 * Takes the lines of a stream while the allowance lasts; then the rest waits, and the stream is not read, until there is some again. Of
 * what may be spent at once, too, a little is spent in each turn of the event loop. So a flood costs a little at a time, whoever else
 * has something to be done is not held up by it, and it is its sender who has to wait.
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
    stream.once('end', () => this.end())
  }

  /** From now on everything is taken as it comes: the stream is about to end. */
  hurry(): void {
    this.#isHurried = true
    this.#rest?.[Symbol.dispose]()
    this.#goOn()
  }

  /** Nothing more comes: what is left is a last line. */
  end(): void {
    this.hurry()
    for (const line of this.#options.splitter.end()) this.#options.take(line)
  }

  #read(chunk: Buffer): void {
    this.#waiting = this.#waiting.length === 0 ? chunk : Buffer.concat([this.#waiting, chunk])
    if (this.#rest === undefined) this.#goOn()
  }

  #goOn(): void {
    const { allowance, stream } = this.#options
    this.#rest = undefined
    const turn = allowance.beginTurn()
    for (;;) {
      if (!this.#isHurried) this.#rest = this.#restAfter(turn)
      if (this.#rest !== undefined) return void stream.pause()
      if (this.#waiting.length === 0) break
      this.#takePiece(this.#isHurried || turn.isAmple() ? this.#waiting.length : PIECE_BYTES)
    }
    if (stream.isPaused()) stream.resume()
  }

  #restAfter(turn: Turn): Disposable | undefined {
    const { allowance, clock } = this.#options
    const restMs = allowance.restMs()
    if (restMs > 0) return clock.setTimeout(() => this.#goOn(), restMs)
    return turn.isOver() ? setImmediate(() => this.#goOn()) : undefined
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
