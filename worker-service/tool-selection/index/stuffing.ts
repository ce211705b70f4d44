import { alphabetOf } from './alphabet.ts'
import { STOP_WORDS } from './stop-words.ts'

// What counts as stuffed was set where it is one in a thousand descriptions of real tools.
// Less is no place to repeat much in, and most texts are shorter: looking at all of them would take a third of indexing.
const MIN_LENGTH = 60
// Where most words stand once there is nothing to count.
const MAX_DISTINCT_SHARE = 0.8
const PHRASE_LENGTH = 3
const PHRASE_REPEATS = 3
const MAX_PHRASE_SHARE = 0.25
const WORD_REPEATS = 5
const MAX_WORD_SHARE = 0.45
const LIST_LENGTH = 40
const MIN_STOP_WORD_SHARE = 0.04

/**
 * A text as it is searched: nothing of it where it was written to be found and not to be read. That is one which says the same phrase or
 * word again and again, or a long list of keywords. Its author wins nothing by it, and loses what the text was worth.
 */
export function withoutStuffing(text: string): string {
  if (text.length < MIN_LENGTH) return text
  const { runs, unspaced } = alphabetOf(text)
  const words = text.toLowerCase().match(runs) ?? []
  const isList = unspaced?.test(text) !== true && isKeywordList(words)
  return isList || repeatsItself(words) ? '' : text
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

function isKeywordList(words: readonly string[]): boolean {
  if (words.length < LIST_LENGTH) return false
  const stopWords = words.filter((word) => STOP_WORDS.has(word)).length
  return stopWords < MIN_STOP_WORD_SHARE * words.length
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
