import { stripVTControlCharacters } from 'node:util'

const KEPT_CHARACTERS = 16_384
const MAX_LINES = 5
const MAX_LINE_CHARACTERS = 300
// Shorter values ("1", "true") are no secrets, and blotting them out would make the text unreadable.
const MIN_SECRET_CHARACTERS = 6
const UNSAFE_TO_SHOW = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/gu

/** The end of what a program wrote to its error output, in bounded memory. `secrets` never show in it. */
export class LastWords {
  readonly #secrets: string[]
  readonly #decoder = new TextDecoder()
  #text = ''
  #isCut = false

  constructor(secrets: readonly string[]) {
    // A key of many lines is recognised by each of them: its beginning may be cut off.
    const parts = secrets.flatMap((secret) => [secret, ...secret.split(/[\r\n]+/)])
    const long = parts.filter((part) => part.length >= MIN_SECRET_CHARACTERS)
    // The longest first: one secret may be part of another.
    this.#secrets = long.toSorted((one, other) => other.length - one.length)
  }

  push(chunk: Buffer): void {
    const text = this.#text + this.#decoder.decode(chunk, { stream: true })
    this.#isCut ||= text.length > KEPT_CHARACTERS
    this.#text = text.slice(-KEPT_CHARACTERS)
  }

  /** The last lines, oldest first, each on one line of a terminal whatever it holds. */
  lines(): string[] {
    const whole = this.#isCut ? afterFirstLine(this.#text) : this.#text
    const shown = this.#secrets.reduce((text, secret) => text.replaceAll(secret, '[redacted]'), whole)
    const lines = stripVTControlCharacters(shown).split(/[\r\n]+/)
    return lines
      .map((line) => line.trim())
      .filter((line) => line !== '')
      .slice(-MAX_LINES)
      .map((line) => line.slice(0, MAX_LINE_CHARACTERS).replaceAll(UNSAFE_TO_SHOW, escape))
  }
}

// The cut may have gone through a secret, and what is left of one is not recognised.
function afterFirstLine(text: string): string {
  const end = text.indexOf('\n')
  return end === -1 ? '' : text.slice(end + 1)
}

function escape(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
}
