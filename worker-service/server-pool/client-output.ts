import type { Writable } from 'node:stream'

/** What may wait for a client that does not read, behind what is being written to it. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024
/** Frames up to this size are copied into one write; larger ones are written as they are. */
const MAX_COPIED_BYTES = 16 * 1024
const MAX_BATCH_BYTES = 64 * 1024
const NEWLINE = Buffer.from('\n')

/**
 * Writes frames to a client, each with a newline, all of one turn of the event loop at once. A client that does not keep up is cut off
 * when more waits for it than may; however large, the frame that is being written does not count.
 */
export class ClientOutput {
  readonly #stream: Writable
  readonly #cutOff: () => void
  /** What this turn writes, newlines included. */
  #batch: Buffer[] = []
  #batchBytes = 0
  readonly #waiting: Buffer[] = []
  #waitingBytes = 0
  #isFull = false
  #isOver = false
  #isEnding = false
  readonly #flush = (): void => this.#writeBatch()

  /** `cutOff` is called once, when too much waits; nothing is written afterwards. */
  constructor(stream: Writable, cutOff: () => void) {
    this.#stream = stream
    this.#cutOff = cutOff
    stream.on('drain', () => this.#drained())
  }

  /** How many bytes wait behind what is being written. */
  get waitingBytes(): number {
    return this.#waitingBytes
  }

  write(frame: Buffer): void {
    if (this.#isOver) return
    if (!this.#isFull) return this.#send(frame)
    this.#waiting.push(frame)
    this.#waitingBytes += frame.length
    if (this.#waitingBytes > MAX_WAITING_BYTES) this.#giveUp()
  }

  /** Ends the stream once everything is written. */
  end(): void {
    this.#isEnding = true
    if (this.#batch.length === 0) this.#endWhenWritten()
  }

  #send(frame: Buffer): void {
    if (this.#batch.length === 0) process.nextTick(this.#flush)
    this.#batch.push(frame, NEWLINE)
    this.#batchBytes += frame.length + 1
    if (this.#batchBytes > MAX_BATCH_BYTES) this.#writeBatch()
  }

  #writeBatch(): void {
    const batch = this.#batch
    if (batch.length === 0) return
    const bytes = this.#batchBytes
    this.#batch = []
    this.#batchBytes = 0
    // One short write costs the system less than the same in two pieces.
    if (bytes <= MAX_COPIED_BYTES) this.#isFull = !this.#stream.write(Buffer.concat(batch, bytes))
    else this.#writePieces(batch)
    if (this.#isEnding) this.#endWhenWritten()
  }

  #endWhenWritten(): void {
    if (this.#waiting.length > 0 || this.#isOver) return
    this.#isOver = true
    this.#stream.end()
  }

  #writePieces(pieces: readonly Buffer[]): void {
    this.#stream.cork()
    for (const piece of pieces) this.#isFull = !this.#stream.write(piece)
    this.#stream.uncork()
  }

  #drained(): void {
    this.#isFull = false
    while (!this.#isFull) {
      const frame = this.#waiting.shift()
      if (frame === undefined) return
      this.#waitingBytes -= frame.length
      this.#send(frame)
    }
  }

  #giveUp(): void {
    this.#isOver = true
    this.#waiting.length = 0
    this.#waitingBytes = 0
    this.#cutOff()
  }
}
