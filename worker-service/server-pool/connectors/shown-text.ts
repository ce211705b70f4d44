import { stripVTControlCharacters } from 'node:util'
import { escapeUnsafe } from '../../../shared/escape-unsafe.ts'

// Shorter values ("1", "true") are no secrets, and blotting them out would make the text unreadable.
const MIN_SECRET_CHARACTERS = 6

/** Makes what a program wrote fit to be shown: no secrets, no colours, nothing a terminal or a log would obey. */
export class ShownText {
  readonly #secrets: string[]

  constructor(secrets: readonly string[]) {
    // A key of many lines is recognised by each of them: its beginning may be cut off.
    const parts = secrets.flatMap((secret) => [secret, ...secret.split(/[\r\n]+/)])
    const long = parts.filter((part) => part.length >= MIN_SECRET_CHARACTERS)
    // The longest first: one secret may be part of another.
    this.#secrets = long.toSorted((one, other) => other.length - one.length)
  }

  /** The lines of a text that are not empty, trimmed, each cut to so many characters before its unsafe ones are escaped. */
  lines(text: string, maxLineCharacters: number): string[] {
    const shown = this.#secrets.reduce((rest, secret) => rest.replaceAll(secret, '[redacted]'), text)
    return stripVTControlCharacters(shown)
      .split(/[\r\n]+/)
      .map((line) => line.trim())
      .filter((line) => line !== '')
      .map((line) => escapeUnsafe(line.slice(0, maxLineCharacters)))
  }
}
