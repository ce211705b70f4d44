// So many pieces are kept as they came; bytes that arrive one by one would otherwise cost a Buffer each.
const MAX_LOOSE_PIECES = 1_024
const NOTHING = Buffer.alloc(0)

/** Gathers pieces of bytes; each is copied at most twice, and not at all where one piece is the whole. */
export class ByteCollector {
  /** How many bytes there are. */
  length = 0
  #pieces: Buffer[] = []
  #joined: Buffer[] = []

  push(piece: Buffer): void {
    if (piece.length === 0) return
    this.length += piece.length
    this.#pieces.push(piece)
    if (this.#pieces.length < MAX_LOOSE_PIECES) return
    this.#joined.push(Buffer.concat(this.#pieces))
    this.#pieces = []
  }

  /** All bytes; the collector is empty afterwards. */
  take(): Buffer {
    if (this.length === 0) return NOTHING
    const [only] = this.#pieces
    const isWhole = only !== undefined && only.length === this.length
    const bytes = isWhole ? only : Buffer.concat([...this.#joined, ...this.#pieces], this.length)
    this.length = 0
    this.#pieces = []
    this.#joined = []
    return bytes
  }
}
