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
  const alphabet = alphabetOf(text)
  const words: string[] = []
  for (const run of runsOf(text, alphabet)) pushWords(run, alphabet, words)
  return words
}

/** A text's letters and digits with nothing between them, as they are written: each is one or more of its words. */
export function splitRuns(text: string): string[] {
  return runsOf(text, alphabetOf(text))
}

/** The words under which one of {@link splitRuns} is found: its own, and a name like "GitHub" also as the one word most people type. */
export function splitIndexWords(run: string): string[] {
  const words = splitWords(run)
  return alphabetOf(run).twoPartName.test(run) ? [...words, run.toLowerCase()] : words
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

function runsOf(text: string, { possessive, apostrophe, runs, isAscii }: Alphabet): string[] {
  const joined = text.includes("'") || text.includes('’') ? text.replace(possessive, '').replace(apostrophe, '') : text
  return (isAscii ? joined : joined.normalize('NFKC')).match(runs) ?? []
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
