import { LineSplitter, type SplitLine } from '../../../shared/line-splitter.ts'
import { Allowance } from './allowance.ts'
import { LastWords } from './last-words.ts'
import { ShownText } from './shown-text.ts'

const MAX_LINE_BYTES = 16_384
// So much may be written at once, and so much a second from then on: a server that floods neither fills the disk's queue nor ours.
const KEPT_BYTES = { burst: 1024 * 1024, perSecond: 256 * 1024 }
// However short, a line is made fit to be shown, and is kept with its time.
const MIN_KEPT_COST_BYTES = 256
// So much is read, a line counting as so many bytes at least: what is left out costs something, too.
const READ_BYTES = { burst: 16 * 1024 * 1024, perSecond: 4 * 1024 * 1024 }
const MIN_READ_COST_BYTES = 1_024

/** Takes what is kept of a server's error output, a line at a time. False when it is left out. */
export interface LineLog {
  write(line: string): boolean
}

/** What an error output is kept with. */
export interface ErrorOutputOptions {
  /** Values that must show nowhere. */
  secrets: readonly string[]
  log?: LineLog | undefined
  /** Milliseconds since the epoch. */
  now: () => number
}

/** What a server writes to its error output: all of it is taken, the last words are kept, and lines go to a log at a bounded rate. */
export class ErrorOutput {
  readonly #shown: ShownText
  readonly #lastWords: LastWords
  readonly #log: LineLog | undefined
  readonly #now: () => number
  readonly #splitter = new LineSplitter({ maxLineBytes: MAX_LINE_BYTES })
  readonly #kept: Allowance
  readonly #read: Allowance
  #leftOut = 0

  constructor({ secrets, log, now }: ErrorOutputOptions) {
    this.#shown = new ShownText(secrets)
    this.#lastWords = new LastWords(secrets)
    this.#log = log
    this.#now = now
    this.#kept = new Allowance(KEPT_BYTES, now)
    this.#read = new Allowance(READ_BYTES, now)
  }

  push(chunk: Buffer): void {
    this.#lastWords.push(chunk)
    if (this.#log === undefined) return this.#read.spend(chunk.length)
    const lines = this.#splitter.push(chunk)
    this.#read.spend(Math.max(chunk.length, lines.length * MIN_READ_COST_BYTES))
    for (const line of lines) this.#keep(line)
  }

  /** How long nothing more should be read of it, in milliseconds: a program that floods has to wait. */
  restMs(): number {
    return this.#read.restMs()
  }

  /** Nothing more comes. */
  end(): void {
    if (this.#log === undefined) return
    for (const line of this.#splitter.end()) this.#keep(line)
    this.#tellLeftOut()
  }

  lastLines(): string[] {
    return this.#lastWords.lines()
  }

  #keep(line: SplitLine): void {
    const bytes = Math.max(line.kind === 'line' ? line.bytes.length : 0, MIN_KEPT_COST_BYTES)
    if (bytes > this.#kept.left()) {
      this.#leftOut++
      return
    }
    this.#tellLeftOut()
    this.#kept.spend(bytes)
    const text = line.kind === 'line' ? line.bytes.toString('utf8') : `[a line over ${MAX_LINE_BYTES} bytes]`
    for (const shown of this.#shown.lines(text, MAX_LINE_BYTES)) this.#write(shown)
  }

  #tellLeftOut(): void {
    if (this.#leftOut === 0) return
    const count = this.#leftOut
    this.#leftOut = 0
    this.#write(`[${count} lines left out]`)
  }

  #write(line: string): void {
    const isKept = this.#log?.write(`${new Date(this.#now()).toISOString()} ${line}`) ?? true
    if (!isKept) this.#leftOut++
  }
}
