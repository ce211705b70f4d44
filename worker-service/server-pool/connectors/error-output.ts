import { LineSplitter, type SplitLine } from '../../../shared/line-splitter.ts'
import { LastWords } from './last-words.ts'
import { ShownText } from './shown-text.ts'

const MAX_LINE_BYTES = 16_384
// So much may be written at once, and so much a second from then on: a server that floods neither fills the disk's queue nor ours.
const BURST_BYTES = 1024 * 1024
const BYTES_PER_SECOND = 256 * 1024

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
  #room = BURST_BYTES
  #refilledAt: number
  #leftOut = 0

  constructor({ secrets, log, now }: ErrorOutputOptions) {
    this.#shown = new ShownText(secrets)
    this.#lastWords = new LastWords(secrets)
    this.#log = log
    this.#now = now
    this.#refilledAt = now()
  }

  push(chunk: Buffer): void {
    this.#lastWords.push(chunk)
    if (this.#log !== undefined) for (const line of this.#splitter.push(chunk)) this.#keep(line)
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
    const bytes = line.kind === 'line' ? line.bytes.length : 0
    this.#refill()
    if (bytes > this.#room) {
      this.#leftOut++
      return
    }
    this.#tellLeftOut()
    this.#room -= bytes
    const text = line.kind === 'line' ? line.bytes.toString('utf8') : `[a line over ${MAX_LINE_BYTES} bytes]`
    for (const shown of this.#shown.lines(text, MAX_LINE_BYTES)) this.#write(shown)
  }

  #refill(): void {
    const now = this.#now()
    this.#room = Math.min(BURST_BYTES, this.#room + ((now - this.#refilledAt) / 1_000) * BYTES_PER_SECOND)
    this.#refilledAt = now
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
