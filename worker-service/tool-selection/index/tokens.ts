import { stemmer } from 'stemmer'
import { STOP_WORDS } from './stop-words.ts'

/** What is compared: a word as the index keeps it, lower case and stemmed. */
export type Term = string

const ASCII_ONLY = /^[\0-\x7f]*$/
const ASCII_RUN = /[A-Za-z0-9]+/g
const RUN = /[\p{L}\p{N}\p{M}]+/gu
// The borders inside an identifier: camelCase, the end of an acronym (HTTPServer, yet not URLs), letter beside digit (base64).
const BORDER =
  /(?<=\p{Ll})(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})(?!\p{Lu}s(?!\p{L}))|(?<=\p{N})(?=\p{L})|(?<=\p{L})(?=\p{N})/u
const MAY_HAVE_BORDER = /\p{Lu}|\p{N}/u
const TWO_PART_NAME = /^\p{Lu}\p{Ll}+\p{Lu}(\p{Ll}+|\p{Lu}+)$/u
// Written without spaces between words.
const CJK = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}ー]/u
const CJK_BORDER = new RegExp(`(?<=${CJK.source})(?!${CJK.source})|(?<!${CJK.source})(?=${CJK.source})`, 'u')
// "user's" is the user, "don't" one word.
const POSSESSIVE = /['’]s(?![\p{L}\p{N}])/gu
const APOSTROPHE = /(?<=\p{L})['’](?=\p{L})/gu

/**
 * A text's words in order, lower case: split (after Unicode's NFKC) at everything that is neither letter nor digit, and inside
 * identifiers. Chinese, Japanese and Korean become pairs of neighbouring characters, as no dictionary says where a word ends.
 */
export function splitWords(text: string): string[] {
  return split(text, false)
}

/** The words under which a text is found: those of {@link splitWords}, and names like "GitHub" also as the one word most people type. */
export function splitIndexWords(text: string): string[] {
  return split(text, true)
}

// No word of a language; the stemmer's patterns would take their time over it.
const LONGEST_WORD = 40

/** The term of a word from {@link splitWords}; undefined for a stop word. */
export function toTerm(word: string): Term | undefined {
  if (STOP_WORDS.has(word)) return undefined
  return word.length > LONGEST_WORD ? word.slice(0, LONGEST_WORD) : stemmer(word)
}

/** A name in the form in which `read_file`, `readFile`, `read-file` and "read file" are the same: `readfile`. */
export function compact(name: string): string {
  return runsOf(name).join('').toLowerCase()
}

function split(text: string, withWholeNames: boolean): string[] {
  const words: string[] = []
  for (const run of runsOf(text)) {
    if (!MAY_HAVE_BORDER.test(run) && !CJK.test(run)) words.push(run)
    else for (const part of run.split(CJK_BORDER)) pushParts(part, words)
    if (withWholeNames && TWO_PART_NAME.test(run)) words.push(run.toLowerCase())
  }
  return words
}

function runsOf(text: string): string[] {
  const joined = text.includes("'") || text.includes('’') ? text.replace(POSSESSIVE, '').replace(APOSTROPHE, '') : text
  if (ASCII_ONLY.test(joined)) return joined.match(ASCII_RUN) ?? []
  return joined.normalize('NFKC').match(RUN) ?? []
}

function pushParts(part: string, words: string[]): void {
  if (!CJK.test(part)) {
    for (const piece of part.split(BORDER)) words.push(piece.toLowerCase())
    return
  }
  const characters = Array.from(part)
  if (characters.length === 1) words.push(part)
  for (let i = 1; i < characters.length; i++) words.push(`${characters[i - 1]}${characters[i]}`)
}
