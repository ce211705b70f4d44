import { stemmer } from 'stemmer'
import { type Alphabet, alphabetOf } from './alphabet.ts'
import { STOP_WORDS } from './stop-words.ts'

/** What is compared: a word as the index keeps it, lower case and stemmed. */
export type Term = string

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
  return runsOf(name, alphabetOf(name)).join('').toLowerCase()
}

function split(text: string, withWholeNames: boolean): string[] {
  const alphabet = alphabetOf(text)
  const words: string[] = []
  for (const run of runsOf(text, alphabet)) {
    pushWords(run, alphabet, words)
    if (withWholeNames && alphabet.twoPartName.test(run)) words.push(run.toLowerCase())
  }
  return words
}

function runsOf(text: string, { possessive, apostrophe, runs }: Alphabet): string[] {
  const joined = text.includes("'") || text.includes('’') ? text.replace(possessive, '').replace(apostrophe, '') : text
  return joined.normalize('NFKC').match(runs) ?? []
}

function pushWords(run: string, { mayHaveBorder, border, unspaced, unspacedBorder }: Alphabet, words: string[]): void {
  if (!mayHaveBorder.test(run) && !unspaced?.test(run)) {
    words.push(run)
    return
  }
  for (const part of unspacedBorder === undefined ? [run] : run.split(unspacedBorder)) {
    if (unspaced?.test(part)) pushPairs(part, words)
    else for (const piece of part.split(border)) words.push(piece.toLowerCase())
  }
}

function pushPairs(part: string, words: string[]): void {
  const characters = Array.from(part)
  if (characters.length === 1) words.push(part)
  for (let i = 1; i < characters.length; i++) words.push(`${characters[i - 1]}${characters[i]}`)
}
