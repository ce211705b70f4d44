import type { Writable } from 'node:stream'

/** Frames up to this size are copied into one write; larger ones are written as they are. */
const MAX_COPIED_BYTES = 16 * 1024
const MAX_BATCH_BYTES = 64 * 1024
const LINE_FEED = 0x0a
const NEWLINE = Buffer.of(LINE_FEED)
const NOTHING = Buffer.alloc(0)

/** What frames are written to. */
export type FrameStream = Pick<Writable, 'write' | 'cork' | 'uncork' | 'writableLength' | 'writableNeedDrain'>

/** Writes frames to a stream, a line each, all of one turn of the event loop at once: a write costs the system more than a call costs us. */
export class FrameWriter {
  readonly #stream: FrameStream
  /** The frames that this turn writes. */
  #batch: Buffer[] = []
  /** How many bytes they are, with their newlines. */
  #batchBytes = 0
  readonly #flush = (): void => this.flush()

  constructor(stream: FrameStream) {
    this.#stream = stream
  }

  /** Bytes that were written and that the system has not taken yet. */
  get waitingBytes(): number {
    return this.#batchBytes + this.#stream.writableLength
  }

  /** Writes a frame, given without its newline. False when the stream should be given no more before it drains. */
  write(frame: Buffer): boolean {
    if (this.#batch.length === 0) process.nextTick(this.#flush)
    this.#batch.push(frame)
    this.#batchBytes += frame.length + 1
    if (this.#batchBytes > MAX_BATCH_BYTES) this.flush()
    return !this.#stream.writableNeedDrain
  }

  /** Writes at once what was kept for the end of the turn. */
  flush(): void {
    const batch = this.#batch
    const bytes = this.#batchBytes
    if (bytes === 0) return
    this.#batch = []
    this.#batchBytes = 0
    // One short write costs the system less than the same in two pieces.
    if (bytes <= MAX_COPIED_BYTES) this.#stream.write(toLines(batch, bytes))
    else if (batch.length === 1) this.#writeOne(batch[0] as Buffer)
    else this.#writePieces(batch)
  }

  /** Resolves when the system has taken all that was written; rejects with why it never will. */
  async taken(): Promise<void> {
    this.flush()
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#stream.write(NOTHING, (cause) => (cause == null ? resolve() : reject(cause)))
    await promise
  }

  // Its newline goes after it at once: the two as a list cost more than a second short write.
  #writeOne(frame: Buffer): void {
    this.#stream.write(frame)
    this.#stream.write(NEWLINE)
  }

  #writePieces(frames: readonly Buffer[]): void {
    this.#stream.cork()
    for (const frame of frames) {
      this.#stream.write(frame)
      this.#stream.write(NEWLINE)
    }
    this.#stream.uncork()
  }
}

function toLines(frames: readonly Buffer[], bytes: number): Buffer {
  const lines = Buffer.allocUnsafe(bytes)
  let written = 0
  for (const frame of frames) {
    written += frame.copy(lines, written)
    lines[written++] = LINE_FEED
  }
  return lines
}
