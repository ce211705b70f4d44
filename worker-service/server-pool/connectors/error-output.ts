import type { Readable } from 'node:stream'
import { LineSplitter, type SplitLine } from '../../../shared/line-splitter.ts'
import type { Clock } from '../clock.ts'
import { Allowance } from './allowance.ts'
import { LastWords } from './last-words.ts'
import { PacedLines } from './paced-lines.ts'
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
  readonly clock: Clock
  /** Values that must show nowhere. */
  secrets: readonly string[]
  log?: LineLog | undefined
  /** The time of day that lines are stamped with, in milliseconds since the epoch. */
  now: () => number
}

/** What a server writes to its error output: all of it is taken at a bounded rate, the last words are kept, and lines go to a log, fewer still. */
export class ErrorOutput {
  readonly #shown: ShownText
  readonly #lastWords: LastWords
  readonly #log: LineLog | undefined
  readonly #now: () => number
  readonly #kept: Allowance
  readonly #lines: PacedLines
  #leftOut = 0

  /** Begins to read, and reads on until the stream ends. */
  constructor(stderr: Readable, { secrets, log, now, clock }: ErrorOutputOptions) {
    this.#shown = new ShownText(secrets)
    this.#lastWords = new LastWords(secrets)
    this.#log = log
    this.#now = now
    this.#kept = new Allowance(KEPT_BYTES, () => clock.now())
    const allowance = new Allowance(READ_BYTES, () => clock.now())
    const take = (line: SplitLine) => {
      allowance.spend(Math.max(bytesOf(line), MIN_READ_COST_BYTES))
      if (log !== undefined) this.#keep(line)
    }
    stderr.on('data', (chunk: Buffer) => this.#lastWords.push(chunk))
    const splitter = new LineSplitter({ maxLineBytes: MAX_LINE_BYTES })
    this.#lines = new PacedLines({ stream: stderr, splitter, allowance, take, clock })
  }

  /** From now on everything is taken as it comes: the process is about to end. */
  hurry(): void {
    this.#lines.hurry()
  }

  /** Nothing more comes. */
  end(): void {
    this.#lines.end()
    this.#tellLeftOut()
  }

  lastLines(): string[] {
    return this.#lastWords.lines()
  }

  #keep(line: SplitLine): void {
    const bytes = Math.max(bytesOf(line), MIN_KEPT_COST_BYTES)
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

function bytesOf(line: SplitLine): number {
  return line.kind === 'line' ? line.bytes.length : 0
}
