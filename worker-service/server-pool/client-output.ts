import type { Writable } from 'node:stream'
import { copyToKeep } from '../../shared/copy-to-keep.ts'
import { FrameWriter } from '../../shared/frame-writer.ts'

/** What may wait for a client that does not read, behind what is being written to it. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024

/**
 * Writes frames to a client, each with a newline, all of one turn of the event loop at once. A client that does not keep up is cut off
 * when more waits for it than may; however large, the frame that is being written does not count.
 */
export class ClientOutput {
  readonly #stream: Writable
  readonly #writer: FrameWriter
  readonly #cutOff: () => void
  readonly #waiting: Buffer[] = []
  #waitingBytes = 0
  #isOver = false
  #isEnding = false

  /** `cutOff` is called once, when too much waits; nothing is written afterwards. */
  constructor(stream: Writable, cutOff: () => void) {
    this.#stream = stream
    this.#writer = new FrameWriter(stream)
    this.#cutOff = cutOff
    stream.on('drain', () => this.#drained())
  }

  /** How many bytes wait behind what is being written. */
  get waitingBytes(): number {
    return this.#waitingBytes
  }

  write(frame: Buffer): void {
    if (this.#isOver) return
    if (!this.#stream.writableNeedDrain) return void this.#writer.write(frame)
    // Most of what was read with it may be for others, and counts for nobody.
    this.#waiting.push(frame.length * 2 < frame.buffer.byteLength ? copyToKeep(frame) : frame)
    this.#waitingBytes += frame.length
    if (this.#waitingBytes > MAX_WAITING_BYTES) this.#giveUp()
  }

  /** Ends the stream once everything is written. */
  end(): void {
    this.#isEnding = true
    this.#endWhenWritten()
  }

  #endWhenWritten(): void {
    if (this.#waiting.length > 0 || this.#isOver) return
    this.#isOver = true
    this.#writer.flush()
    this.#stream.end()
  }

  #drained(): void {
    while (!this.#stream.writableNeedDrain) {
      const frame = this.#waiting.shift()
      if (frame === undefined) break
      this.#waitingBytes -= frame.length
      this.#writer.write(frame)
    }
    if (this.#isEnding) this.#endWhenWritten()
  }

  #giveUp(): void {
    this.#isOver = true
    this.#waiting.length = 0
    this.#waitingBytes = 0
    this.#cutOff()
  }
}
