const QUOTE = 0x22
const BACKSLASH = 0x5c
const SPACE = 0x20
const TOP_BITS = 0x80808080

// Beyond so many bytes a run is likely to be long enough to pay for calls of native functions.
const NEAR_BYTES = 512

/** Finds where runs of plain characters end within the strings of a JSON text: four bytes at a time, and 32 with the help of native code where a run is long. */
export class PlainRuns {
  readonly #bytes: Buffer
  readonly #words: Int32Array
  /** The place of the first word in the bytes. */
  readonly #base: number
  #nextQuote = -1
  #nextBackslash = -1

  constructor(bytes: Buffer) {
    const { buffer, byteOffset, length } = bytes
    this.#bytes = bytes
    this.#base = -byteOffset & 3
    this.#words = new Int32Array(buffer, byteOffset + this.#base, Math.max(0, length - this.#base) >> 2)
  }

  /** The place of the first byte from here on that means something within a string: a quote, a backslash or a control character; or the end. */
  endOf(start: number): number {
    const aligned = Math.min(start + (-(start - this.#base) & 3), this.#bytes.length)
    const first = this.#bytewise(start, aligned)
    if (first < aligned) return first
    const near = Math.min(aligned + NEAR_BYTES, this.#bytes.length)
    const at = this.#bytewise(this.#wordwise(aligned, near), near)
    return at < near ? at : this.#endOfLong(at)
  }

  // Each byte is searched once for all of the text, however many runs are in it.
  #endOfLong(start: number): number {
    if (this.#nextQuote < start) this.#nextQuote = this.#find(QUOTE, start)
    if (this.#nextBackslash < start) this.#nextBackslash = this.#find(BACKSLASH, start)
    const end = Math.min(this.#nextQuote, this.#nextBackslash)
    return this.#bytewise(this.#withoutControls(start, end), end)
  }

  #find(byte: number, start: number): number {
    const place = this.#bytes.indexOf(byte, start)
    return place === -1 ? this.#bytes.length : place
  }

  #bytewise(start: number, end: number): number {
    const bytes = this.#bytes
    let at = start
    for (; at < end; at++) {
      const byte = bytes[at] as number
      if (byte === QUOTE || byte === BACKSLASH || byte < SPACE) break
    }
    return at
  }

  /** The place of the first word in an aligned range that holds such a byte, or of the bytes at its end that fill no word. */
  #wordwise(start: number, end: number): number {
    const words = this.#words
    const last = (end - this.#base) >> 2
    let index = (start - this.#base) >> 2
    while (index < last && (specialIn(words[index] as number) & TOP_BITS) === 0) index++
    return this.#base + index * 4
  }

  /** How far an aligned range holds no control character, eight words at a time. */
  #withoutControls(start: number, end: number): number {
    const words = this.#words
    const last = ((end - this.#base) >> 2) - 8
    let index = (start - this.#base) >> 2
    for (; index <= last; index += 8) {
      const first = controlsIn(words[index]) | controlsIn(words[index + 1])
      const second = controlsIn(words[index + 2]) | controlsIn(words[index + 3])
      const third = controlsIn(words[index + 4]) | controlsIn(words[index + 5])
      const fourth = controlsIn(words[index + 6]) | controlsIn(words[index + 7])
      if (((first | second | third | fourth) & TOP_BITS) !== 0) break
    }
    return this.#base + index * 4
  }
}

/** A word whose top bits are set where one of its four bytes is a control character: what is less than a space borrows into its top bit, which it had not set itself. */
function controlsIn(word: number | undefined): number {
  return ((word as number) - 0x20202020) & ~(word as number)
}

/** As {@link controlsIn}, of quotes and backslashes too. */
function specialIn(word: number): number {
  // A quote and what is less than a space change places with nothing but each other: both are less than 0x21 then, and nothing else is.
  const low = word ^ 0x02020202
  const backslash = word ^ 0x5c5c5c5c
  return ((low - 0x21212121) & ~low) | ((backslash - 0x01010101) & ~backslash)
}
