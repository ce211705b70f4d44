// Everything that a terminal obeys or hides, but for line breaks and tabs.
const UNSAFE = /(?![\n\t])[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/gu
// What joins the parts of one emoji is seen with them.
const JOINER = 0x200d

/** Makes a text of strangers fit for a terminal: what it would obey or hide is shown by its number. */
export function escapeText(text: string): string {
  return text.replaceAll(UNSAFE, (character) => {
    const code = character.codePointAt(0) ?? 0
    return code === JOINER ? character : `\\u{${code.toString(16)}}`
  })
}

/** The same on one line. */
export function escapeLine(text: string): string {
  return escapeText(text.replaceAll(/\s+/g, ' ').trim())
}
