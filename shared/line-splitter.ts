const NEWLINE = 0x0a
const CARRIAGE_RETURN = 0x0d

// So many pieces of an unfinished line are kept as they came; a line that arrives byte by byte would otherwise cost a Buffer each.
const MAX_LOOSE_PIECES = 1_024

// As much is kept of either end of a line that is too long.
const END_BYTES = 512

/** A line without its `\n` or `\r\n`, or the news that one was longer than allowed and is not kept. */
export type SplitLine = { kind: 'line'; bytes: Buffer } | { kind: 'too-long' }

/** The first and the last bytes of a line that was too long. */
export interface LineEnds {
  readonly beginning: Buffer
  readonly end: Buffer
}

interface LineSplitterOptions {
  readonly maxLineBytes: number
  /** Is given the ends of a line that was too long when that has ended. */
  readonly lineSkipped?: (ends: LineEnds) => void
}

/**
 * Cuts a byte stream into lines. Linear whatever the sizes of the chunks: each byte is searched once and copied at most twice.
 * Empty lines are left out. A line over `maxLineBytes` is reported once, as soon as it is too long, and the next line is read as usual.
 */
export class LineSplitter {
  readonly #maxLineBytes: number
  readonly #lineSkipped: (ends: LineEnds) => void
  #pieces: Buffer[] = []
  #joined: Buffer[] = []
  #length = 0
  /** The ends so far of a line that is too long already. */
  #ends: LineEnds | undefined

  constructor({ maxLineBytes, lineSkipped = () => {} }: LineSplitterOptions) {
    this.#maxLineBytes = maxLineBytes
    this.#lineSkipped = lineSkipped
  }

  /** Whether the line that is being read is too long already, so that nothing is kept of it. */
  get isSkipping(): boolean {
    return this.#ends !== undefined
  }

  /** The lines that this chunk completes. The chunk is not copied where a line lies within it, so it must not be changed afterwards. */
  push(chunk: Buffer): SplitLine[] {
    const lines: SplitLine[] = []
    let start = 0
    while (start < chunk.length) {
      const end = chunk.indexOf(NEWLINE, start)
      if (end === -1) break
      if (this.#length === 0 && this.#ends === undefined) this.#add(chunk.subarray(start, end), lines)
      else {
        this.#append(chunk.subarray(start, end), lines)
        this.#finishLine(lines)
      }
      start = end + 1
    }
    if (start < chunk.length) this.#append(chunk.subarray(start), lines)
    return lines
  }

  /** What is left when the stream has ended: a last line without its newline. The splitter is empty afterwards. */
  end(): SplitLine[] {
    const lines: SplitLine[] = []
    this.#finishLine(lines)
    return lines
  }

  #append(bytes: Buffer, lines: SplitLine[]): void {
    if (bytes.length === 0) return
    if (this.#ends !== undefined) {
      this.#ends = { ...this.#ends, end: lastBytes(this.#ends.end, bytes) }
      return
    }
    this.#length += bytes.length
    this.#keep(bytes)
    // One byte more may be the `\r` that does not count.
    if (this.#length > this.#maxLineBytes + 1) this.#skip(this.#takeBytes(), lines)
    else if (this.#pieces.length === MAX_LOOSE_PIECES) {
      this.#joined.push(Buffer.concat(this.#pieces))
      this.#pieces = []
    }
  }

  // What lies right behind the piece before it is one with it.
  #keep(bytes: Buffer): void {
    const last = this.#pieces.at(-1)
    if (last?.buffer !== bytes.buffer || last.byteOffset + last.length !== bytes.byteOffset) this.#pieces.push(bytes)
    else this.#pieces[this.#pieces.length - 1] = Buffer.from(last.buffer, last.byteOffset, last.length + bytes.length)
  }

  #skip(bytes: Buffer, lines: SplitLine[]): void {
    lines.push({ kind: 'too-long' })
    // A copy: what it was cut from need not be kept for it.
    this.#ends = { beginning: Buffer.from(bytes.subarray(0, END_BYTES)), end: lastBytes(bytes) }
  }

  #finishLine(lines: SplitLine[]): void {
    this.#add(this.#takeBytes(), lines)
  }

  /** Adds a line that has ended, or what is left of one that is too long. */
  #add(line: Buffer, lines: SplitLine[]): void {
    const bytes = withoutCarriageReturn(line)
    if (bytes.length > this.#maxLineBytes) this.#skip(bytes, lines)
    else if (bytes.length > 0) lines.push({ kind: 'line', bytes })
    if (this.#ends !== undefined) this.#lineSkipped(this.#ends)
    this.#ends = undefined
  }

  #takeBytes(): Buffer {
    const [only] = this.#pieces
    const whole = only !== undefined && only.length === this.#length
    const bytes = whole ? only : Buffer.concat([...this.#joined, ...this.#pieces], this.#length)
    this.#forget()
    return bytes
  }

  #forget(): void {
    this.#pieces = []
    this.#joined = []
    this.#length = 0
  }
}

function withoutCarriageReturn(bytes: Buffer): Buffer {
  return bytes[bytes.length - 1] === CARRIAGE_RETURN ? bytes.subarray(0, -1) : bytes
}

function lastBytes(...pieces: readonly Buffer[]): Buffer {
  return Buffer.concat(pieces.map((piece) => piece.subarray(-END_BYTES))).subarray(-END_BYTES)
}
