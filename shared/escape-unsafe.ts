// Controls, what is not seen, and what turns the reading direction.
const UNSAFE = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/gu

/** Makes a line of strangers fit to be shown: what a terminal or a log would obey or hide stands there by its number. */
export function escapeUnsafe(line: string): string {
  return line.replaceAll(UNSAFE, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`)
}
