import { alphabetOf } from './alphabet.ts'
import { FOREIGN_STOP_WORDS, STOP_WORDS } from './stop-words.ts'

// What counts as stuffed was set where it is one in a thousand descriptions of real tools.
// Less is no place to repeat much in, and most texts are shorter: looking at all of them would take a third of indexing.
const MIN_LENGTH = 60
// Where most words stand once there is nothing to count.
const MAX_DISTINCT_SHARE = 0.8
const ASCII_LETTERS = /^[a-z]+$/
const PHRASE_LENGTH = 3
const PHRASE_REPEATS = 3
const MAX_PHRASE_SHARE = 0.25
const WORD_REPEATS = 5
const MAX_WORD_SHARE = 0.45
// Prose has a function word every few words. What has so many without, or hardly any between, is a list.
const LONGEST_LIST = 16
const WORDS_PER_FUNCTION_WORD = 6

/**
 * A text as it is searched. Nothing is left of one that says the same phrase or word again and again, and of a list of keywords no more
 * than its beginning. Its author wins nothing by it.
 */
export function withoutStuffing(text: string): string {
  if (text.length < MIN_LENGTH) return text
  const { runs } = alphabetOf(text)
  const words = text.toLowerCase().match(runs) ?? []
  if (repeatsItself(words)) return ''
  return hasLongList(words) ? shortenLists(text, runs) : text
}

function hasLongList(words: readonly string[]): boolean {
  let length = 0
  return words.length > LONGEST_LIST && words.some((word) => (length = listLength(length, word)) > LONGEST_LIST)
}

function shortenLists(text: string, runs: RegExp): string {
  let length = 0
  return text.replace(runs, (word) => {
    length = Math.min(listLength(length, word.toLowerCase()), 2 * LONGEST_LIST)
    return length > LONGEST_LIST ? '' : word
  })
}

/** How long a list is with one more word. A function word makes it shorter: one "and" in a list does not begin a new one. */
function listLength(length: number, word: string): number {
  return isListed(word) ? length + 1 : Math.max(0, length - WORDS_PER_FUNCTION_WORD)
}

// Of languages whose function words are not known here nothing can be told.
function isListed(word: string): boolean {
  return ASCII_LETTERS.test(word) && !STOP_WORDS.has(word) && !FOREIGN_STOP_WORDS.has(word)
}

function repeatsItself(words: readonly string[]): boolean {
  const phrases = words.length - PHRASE_LENGTH + 1
  if (phrases <= 1) return false
  const counts = countEach(words)
  if (counts.size > MAX_DISTINCT_SHARE * words.length) return false
  // A phrase stands nowhere more often than its words, and those are counted already.
  const mayRepeatPhrases = repeated(words, counts, PHRASE_REPEATS) > MAX_PHRASE_SHARE * phrases
  return (mayRepeatPhrases && repeatsPhrases(words)) || repeatsWords(words, counts)
}

function repeatsPhrases(words: readonly string[]): boolean {
  const phrases = words.slice(PHRASE_LENGTH - 1).map((_, place) => words.slice(place, place + PHRASE_LENGTH).join(' '))
  return repeated(phrases, countEach(phrases), PHRASE_REPEATS) > MAX_PHRASE_SHARE * phrases.length
}

function repeatsWords(words: readonly string[], counts: ReadonlyMap<string, number>): boolean {
  const telling = words.filter((word) => !STOP_WORDS.has(word))
  return repeated(telling, counts, WORD_REPEATS) > MAX_WORD_SHARE * telling.length
}

function countEach(values: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return counts
}

/** How many of the values are those that stand there at least so many times. */
function repeated(values: readonly string[], counts: ReadonlyMap<string, number>, times: number): number {
  let count = 0
  for (const value of values) if ((counts.get(value) ?? 0) >= times) count++
  return count
}
