import { escapeUnsafe } from '../../shared/escape-unsafe.ts'

// Line breaks and tabs are meant, and what joins the parts of one emoji is seen with them.
const NOT_LEFT_ALONE = /[^\n\t\u200d]+/g

/** Makes a text of strangers fit for a terminal: what it would obey or hide is shown by its number. */
export function escapeText(text: string): string {
  return text.replaceAll(NOT_LEFT_ALONE, escapeUnsafe)
}

/** The same on one line. */
export function escapeLine(text: string): string {
  return escapeText(text.replaceAll(/\s+/g, ' ').trim())
}
