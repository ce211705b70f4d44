import { translateUnspaced } from './foreign-words.ts'
import { replacePhrases } from './phrases.ts'
import { QueryReader, type QueryWord, type WordForm } from './query-reader.ts'
import type { Term } from './tokens.ts'
import type { ToolIndex } from './tool-index.ts'
import { at } from './typed-arrays.ts'

/** Two terms side by side, in this order. */
export interface Pair {
  first: number
  second: number
  weight: number
}

/** A query, or a part of it that asks for something of its own. */
export interface Clause {
  words: QueryWord[]
  pairs: Pair[]
}

/** A query as it is ranked: the whole, and its clauses where it has several. */
export interface Query {
  whole: Clause
  clauses: Clause[]
  /** How many sentences it has, those left out that are hardly any. */
  sentences: number
  /** For words that were read in place of others, what was written: "call off" for "cancel". */
  written: ReadonlyMap<string, string>
}

// However long a query is, this much of it is read: a page of text, ranked in a few milliseconds.
const MAX_CHARACTERS = 4_000
const MAX_CLAUSES = 12
// A clause of one word would be matched by everything that has the word.
const MIN_CLAUSE_WORDS = 2
const MIN_SENTENCE_WORDS = 3

const CLAUSE_BORDER = /[.;,!?。，；！？、]+(?:\s|$)|[\n;。，；！？]+|\s(?:and|then|also|plus)\s/i
const SENTENCE_BORDER = /[.;!?]+(?:\s|$)|[\n。；！？]+/

/** The pieces of a query between full stops, commas and "and". Of an endless query only the beginning is considered. */
export function splitClauses(query: string): string[] {
  return splitAt(CLAUSE_BORDER, query.slice(0, MAX_CHARACTERS))
}

/** Reads a query against the index: its words, each once, with their synonyms and weights. */
export function readQuery(index: ToolIndex, query: string): Query {
  const reader = new QueryReader(index)
  const written = new Map<string, string>()
  const note = (meaning: string, original: string) => {
    for (const word of meaning.split(' ')) written.set(word, original)
  }
  const text = translateUnspaced(replacePhrases(query.slice(0, MAX_CHARACTERS), note), note)
  const pieces = splitClauses(QueryReader.markQuotes(text)).map((piece) => reader.read(piece))
  dropAskedSynonyms(index, new Set(pieces.flat()))
  const clauses = pieces.filter((words) => new Set(words).size >= MIN_CLAUSE_WORDS).slice(0, MAX_CLAUSES)
  return {
    whole: toClause(index, pieces),
    clauses: clauses.length > 1 ? clauses.map((words) => toClause(index, [words])) : [],
    sentences: splitAt(SENTENCE_BORDER, text).filter(isSentence).length,
    written,
  }
}

function splitAt(border: RegExp, text: string): string[] {
  return text.split(border).filter((piece) => piece.trim() !== '')
}

function isSentence(text: string): boolean {
  return text.trim().split(/\s+/).length >= MIN_SENTENCE_WORDS
}

// "Will it rain, what is the weather": what one word suggests and another says outright counts once.
function dropAskedSynonyms({ terms }: ToolIndex, words: ReadonlySet<QueryWord>): void {
  const asked = new Set<number | undefined>(Array.from(words, ({ term }) => terms.get(term)))
  const saysItself = ({ kind }: WordForm) => kind === 'own' || kind === 'joined'
  for (const word of words) word.forms = word.forms.filter((form) => saysItself(form) || !asked.has(form.term))
}

function toClause({ terms, idf }: ToolIndex, pieces: QueryWord[][]): Clause {
  const pairs = new Map<Term, Pair>()
  for (const words of pieces) {
    for (let i = 1; i < words.length; i++) {
      const [left, right] = [words[i - 1]?.term ?? '', words[i]?.term ?? '']
      const [first, second] = [terms.get(left), terms.get(right)]
      if (first === undefined || second === undefined) continue
      pairs.set(`${left} ${right}`, { first, second, weight: Math.min(at(idf, first), at(idf, second)) })
    }
  }
  return { words: [...new Set(pieces.flat())], pairs: [...pairs.values()] }
}
