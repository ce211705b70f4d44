const QUOTE = 0x22
const BACKSLASH = 0x5c
const SPACE = 0x20
const TOP_BITS = 0x80808080

/** Whether a byte means something within a string: a quote, a backslash or a control character. */
export const IS_SPECIAL: Readonly<Uint8Array> = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte === QUOTE || byte === BACKSLASH || byte < SPACE ? 1 : 0,
)

// Beyond so many words a run is likely to be long enough to pay for calls of native functions.
const NEAR_WORDS = 128
const MIN_LONG_BYTES = (NEAR_WORDS - 1) * 4

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

  /** The place of the first byte from here on that is special; or the end. At least three bytes before it are known to be plain. */
  endOf(start: number): number {
    const near = endAmong(this.#words, this.#base, start)
    return this.#bytewise(near - start < MIN_LONG_BYTES ? near : this.#endOfLong(near))
  }

  // Each byte is searched once for all of the text, however many runs are in it.
  #endOfLong(start: number): number {
    if (this.#nextQuote < start) this.#nextQuote = this.#find(QUOTE, start)
    if (this.#nextBackslash < start) this.#nextBackslash = this.#find(BACKSLASH, start)
    return this.#withoutControls(start, Math.min(this.#nextQuote, this.#nextBackslash))
  }

  #find(byte: number, start: number): number {
    const place = this.#bytes.indexOf(byte, start)
    return place === -1 ? this.#bytes.length : place
  }

  #bytewise(start: number): number {
    const bytes = this.#bytes
    let at = start
    while (at < bytes.length && IS_SPECIAL[bytes[at] as number] === 0) at++
    return at
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

/** The place of the first special byte, as far as so many whole words tell. A function of its own: V8 makes it part of who calls it. */
function endAmong(words: Int32Array, base: number, start: number): number {
  let index = (start - base) >> 2
  const end = Math.min(index + NEAR_WORDS, words.length)
  let found = 0
  for (; index < end; index++) {
    found = specialIn(words[index] as number)
    if (found !== 0) break
  }
  return base + index * 4 + (found === 0 ? 0 : (31 - Math.clz32(found & -found)) >> 3)
}

/** A word whose top bits are set where one of its four bytes is a control character: what is less than a space borrows into its top bit, which it had not set itself. */
function controlsIn(word: number | undefined): number {
  return ((word as number) - 0x20202020) & ~(word as number)
}

/** As {@link controlsIn}, of quotes and backslashes too. The lowest such bit is right; one above it may be borrowed from. */
function specialIn(word: number): number {
  // A quote and what is less than a space change places with nothing but each other: both are less than 0x21 then, and nothing else is.
  const low = word ^ 0x02020202
  const backslash = word ^ 0x5c5c5c5c
  return (((low - 0x21212121) & ~low) | ((backslash - 0x01010101) & ~backslash)) & TOP_BITS
}
