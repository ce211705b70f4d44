import { MAX_JSON_NESTING } from '../json-nesting.ts'
import { stringAt } from './json-strings.ts'
import { IS_SPECIAL, PlainRuns } from './plain-runs.ts'

/** A range of bytes: `start` is its first, `end` the one after its last. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** Thrown by {@link JsonScanner} where the bytes are not JSON. */
export class JsonSyntaxError extends Error {
  override readonly name = 'JsonSyntaxError'
}

const TAB = 0x09
const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d
const QUOTE = 0x22
const PLUS = 0x2b
const MINUS = 0x2d
const DOT = 0x2e
const UPPER_E = 0x45
const LOWER_A = 0x61
const LOWER_E = 0x65
const COMMA = 0x2c
const ZERO = 0x30
const COLON = 0x3a
const OPEN_BRACKET = 0x5b
const BACKSLASH = 0x5c
const CLOSE_BRACKET = 0x5d
const LOWER_U = 0x75
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const SPACE = 0x20

const LITERALS: Readonly<Record<number, string>> = { 0x66: 'false', 0x6e: 'null', 0x74: 'true' }
/** Whether a byte may follow a backslash and ends the escape. */
const IS_ESCAPED = Uint8Array.from({ length: 256 }, (_, byte) =>
  '"\\/bfnrt'.includes(String.fromCharCode(byte)) ? 1 : 0,
)

// So many bytes are read one by one, from the beginning of a string and from each escape on; what is longer pays for faster ways.
const BYTEWISE = 64
const BYTEWISE_AFTER_ESCAPE = 6

/**
 * Reads JSON in one pass over its bytes without building values. Accepts what `JSON.parse` accepts of the bytes' UTF-8 text, invalid
 * UTF-8 within strings included, so that no two readers of a frame can disagree about it. Nesting costs stack up to its limit only.
 */
export class JsonScanner {
  readonly #bytes: Buffer
  #plainRuns: PlainRuns | undefined
  #at = 0
  #depth = 0
  #lineBreaks = false
  #tooDeep = false

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  /** Whether a line feed or carriage return stood between tokens so far. */
  get hasLineBreaks(): boolean {
    return this.#lineBreaks
  }

  /** Whether nesting went beyond {@link MAX_JSON_NESTING}; what lies deeper is passed over by its brackets, not checked. */
  get isTooDeep(): boolean {
    return this.#tooDeep
  }

  /** The first byte of the next token; undefined at the end. */
  peek(): number | undefined {
    for (;;) {
      const byte = this.#bytes[this.#at]
      if (byte === undefined || byte > SPACE) return byte
      if (byte === LINE_FEED || byte === CARRIAGE_RETURN) this.#lineBreaks = true
      else if (byte !== SPACE && byte !== TAB) return byte
      this.#at++
    }
  }

  isAtObject(): boolean {
    return this.peek() === OPEN_BRACE
  }

  isAtArray(): boolean {
    return this.peek() === OPEN_BRACKET
  }

  /** The place of the byte that is read next. */
  get at(): number {
    return this.#at
  }

  /** Reads an object. `readMember` gets each name, unescaped, and must read the value that follows. */
  object(readMember: (name: string) => void): Span {
    const start = this.#enter(OPEN_BRACE)
    for (let name = this.firstName(); name !== undefined; name = this.nextName()) readMember(name)
    return { start, end: this.#at }
  }

  /** As {@link object}, for who reads the members with {@link firstName} and {@link nextName}. Returns where the object begins. */
  enterObject(): number {
    return this.#enter(OPEN_BRACE)
  }

  /** The name of the first member of an object that was entered; undefined at its end. The value that follows must be read. */
  firstName(): string | undefined {
    return this.#leaves(CLOSE_BRACE) ? undefined : this.#name()
  }

  /** The same of the member behind a value. */
  nextName(): string | undefined {
    return this.#hasMore(CLOSE_BRACE) ? this.#name() : undefined
  }

  /** Reads an array. `readElement` must read each value. */
  array(readElement: () => void): Span {
    const start = this.#enter(OPEN_BRACKET)
    if (!this.#leaves(CLOSE_BRACKET)) {
      do readElement()
      while (this.#hasMore(CLOSE_BRACKET))
    }
    return { start, end: this.#at }
  }

  /** Passes over one value of any kind. */
  value(): Span {
    return { start: this.passOver(), end: this.#at }
  }

  /** As {@link value}; returns where the value begins. It ends at {@link at}. */
  passOver(): number {
    const first = this.peek()
    const start = this.#at
    if (first === QUOTE) this.#string()
    else if (first === OPEN_BRACE || first === OPEN_BRACKET) this.#passOverNested(first)
    else this.#scalar(first)
    return start
  }

  /** Throws where anything but whitespace is left. */
  end(): void {
    if (this.peek() !== undefined) this.#fail()
  }

  #passOverNested(opener: number): void {
    if (this.#depth === MAX_JSON_NESTING) return this.#passOverDeep()
    this.#enter(opener)
    // A brace and a bracket are two before what closes them.
    const closer = opener + 2
    if (this.#leaves(closer)) return
    do {
      if (closer === CLOSE_BRACE) this.#passOverName()
      this.passOver()
    } while (this.#hasMore(closer))
  }

  #passOverDeep(): void {
    this.#tooDeep = true
    let open = 0
    do {
      const byte = this.peek()
      if (byte === QUOTE) this.#string()
      else this.#at++
      if (byte === OPEN_BRACE || byte === OPEN_BRACKET) open++
      else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) open--
      else if (byte === undefined) this.#fail()
    } while (open > 0)
  }

  /** Goes into an object or array; returns where it begins. */
  #enter(opener: number): number {
    this.#expect(opener)
    this.#depth++
    return this.#at - 1
  }

  /** Whether what was entered is empty, and so is left again. */
  #leaves(closer: number): boolean {
    const isEmpty = this.#take(closer)
    if (isEmpty) this.#depth--
    return isEmpty
  }

  /** Whether another value follows in what was entered, which is left otherwise. */
  #hasMore(closer: number): boolean {
    const byte = this.peek()
    this.#at++
    if (byte === COMMA) return true
    if (byte !== closer) this.#failAt(this.#at - 1)
    this.#depth--
    return false
  }

  #name(): string {
    const start = this.#passOverString()
    const end = this.#at
    this.#expect(COLON)
    return stringAt(this.#bytes, start, end)
  }

  #passOverName(): void {
    this.#passOverString()
    this.#expect(COLON)
  }

  #passOverString(): number {
    if (this.peek() !== QUOTE) this.#fail()
    const start = this.#at
    this.#string()
    return start
  }

  #scalar(first: number | undefined): void {
    const literal = first === undefined || first < LOWER_A ? undefined : LITERALS[first]
    if (literal === undefined) return this.#number()
    const end = this.#at + literal.length
    if (this.#bytes.toString('latin1', this.#at, end) !== literal) this.#fail()
    this.#at = end
  }

  #number(): void {
    const bytes = this.#bytes
    if (bytes[this.#at] === MINUS) this.#at++
    if (bytes[this.#at] === ZERO) this.#at++
    else this.#digits()
    if (bytes[this.#at] === DOT) {
      this.#at++
      this.#digits()
    }
    const byte = bytes[this.#at]
    if (byte === LOWER_E || byte === UPPER_E) this.#exponent()
  }

  #exponent(): void {
    const sign = this.#bytes[++this.#at]
    if (sign === PLUS || sign === MINUS) this.#at++
    this.#digits()
  }

  #digits(): void {
    const bytes = this.#bytes
    const start = this.#at
    let at = start
    while (((bytes[at] as number) ^ ZERO) < 10) at++
    if (at === start) this.#fail()
    this.#at = at
  }

  #string(): void {
    const bytes = this.#bytes
    const bytewiseEnd = this.#at + BYTEWISE
    for (let at = this.#at + 1; at < bytewiseEnd; at++) {
      const byte = bytes[at] as number
      if (byte === QUOTE) {
        this.#at = at + 1
        return
      }
      if (byte !== BACKSLASH && byte >= SPACE) continue
      return this.#restOfString(at)
    }
    this.#restOfString(bytewiseEnd)
  }

  /** Reads on from a place within a string. */
  #restOfString(start: number): void {
    const bytes = this.#bytes
    let at = start
    for (;;) {
      const bytewiseEnd = at + BYTEWISE_AFTER_ESCAPE
      while (at < bytewiseEnd && IS_SPECIAL[bytes[at] as number] === 0) at++
      if (at === bytewiseEnd) at = this.#endOfPlainRun(at)
      const byte = bytes[at++]
      if (byte === QUOTE) break
      if (byte !== BACKSLASH) this.#failAt(at)
      at = IS_ESCAPED[bytes[at] as number] === 1 ? at + 1 : this.#afterDigits(at)
    }
    this.#at = at
  }

  #endOfPlainRun(start: number): number {
    this.#plainRuns ??= new PlainRuns(this.#bytes)
    return this.#plainRuns.endOf(start)
  }

  /** Where the four digits of an escape end, whose `u` stands at `at`. */
  #afterDigits(at: number): number {
    const bytes = this.#bytes
    const isWhole = bytes[at] === LOWER_U && isHexDigit(bytes[at + 1]) && isHexDigit(bytes[at + 2])
    return isWhole && isHexDigit(bytes[at + 3]) && isHexDigit(bytes[at + 4]) ? at + 5 : this.#failAt(at + 1)
  }

  #take(byte: number): boolean {
    const found = this.peek() === byte
    if (found) this.#at++
    return found
  }

  #expect(byte: number): void {
    if (!this.#take(byte)) this.#fail()
  }

  #fail(): never {
    return this.#failAt(this.#at)
  }

  #failAt(at: number): never {
    throw new JsonSyntaxError(`not JSON from byte ${at}`)
  }
}

function isHexDigit(byte: number | undefined): boolean {
  const digit = (byte as number) ^ ZERO
  const letter = ((byte as number) | 0x20) - LOWER_A
  return digit < 10 || (letter >= 0 && letter < 6)
}
