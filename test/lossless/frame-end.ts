import type { Readable, Writable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import type { WireText } from './json-text.ts'

// Longer than anything takes to arrive: what is not there then was lost.
const PATIENCE_MS = 60_000

/** One end of a connection, as nothing but lines of bytes. */
export class FrameEnd {
  readonly #output: Writable
  /** Takes a frame that is none of the conversation, and says so. */
  readonly #aside: (frame: WireText, end: FrameEnd) => boolean
  readonly #arrived: WireText[] = []
  #rest: WireText = ''
  #wake: () => void = () => {}

  constructor(input: Readable, output: Writable, aside: (frame: WireText, end: FrameEnd) => boolean = () => false) {
    this.#output = output
    this.#aside = aside
    for (const stream of [input, output]) stream.on('error', () => {})
    input.on('data', (chunk: Buffer) => {
      const lines = (this.#rest + chunk.toString('latin1')).split('\n')
      this.#rest = lines.pop() ?? ''
      this.#arrived.push(...lines.filter((frame) => !this.#aside(frame, this)))
      this.#wake()
    })
  }

  /** Writes frames, each on its line, in pieces that end at these parts (0 to 1) of the whole. */
  async send(frames: readonly WireText[], cuts: readonly number[] = []): Promise<void> {
    const bytes = Buffer.from(frames.map((frame) => `${frame}\n`).join(''), 'latin1')
    const places = cuts.map((part) => Math.floor(part * bytes.length)).toSorted((a, b) => a - b)
    let start = 0
    for (const end of [...places, bytes.length]) {
      if (end > start) this.#output.write(bytes.subarray(start, end))
      start = end
      await turn()
    }
  }

  /** The next so many frames; fewer where they do not come. */
  async take(count: number): Promise<WireText[]> {
    const isLate = AbortSignal.timeout(PATIENCE_MS)
    isLate.addEventListener('abort', () => this.#wake())
    while (this.#arrived.length < count && !isLate.aborted) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    return this.#arrived.splice(0, count)
  }

  /** Everything that came and was not taken. */
  rest(): WireText[] {
    return this.#arrived.splice(0)
  }
}
