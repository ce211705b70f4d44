import { FILLER_WORDS } from './stop-words.ts'
import { compact, splitWords, type Term, toTerm } from './tokens.ts'
import { inverseFrequency, type ToolIndex } from './tool-index.ts'
import { at } from './typed-arrays.ts'

/** A term of the index that stands for a query word. `weight` is its idf, reduced where it is only a synonym. */
export interface WordForm {
  term: number
  weight: number
}

/** A distinct word of a query with every term that may stand for it, the best of which counts. */
export interface QueryWord {
  /** As written, in lower case. */
  word: string
  term: Term
  forms: WordForm[]
  /** What the word counts where a tool matches it fully. */
  weight: number
}

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
}

// However long a query is, this much of it is read: a page of text, ranked in a few milliseconds.
const MAX_CHARACTERS = 4_000
const MAX_WORDS = 64
const MAX_CLAUSES = 8
// A clause of one word would be matched by everything that has the word.
const MIN_CLAUSE_WORDS = 2

const SYNONYM_SHARE = 0.65
const JOINED_SHARE = 0.5
const FILLER_SHARE = 0.5

const CLAUSE_BORDER = /[.;,!?]+(?:\s|$)|[\n;]+|\s(?:and|then|also|plus)\s/i
// Paths, addresses, file names and numbers are what a tool is to be called with, and say little about which one.
const VALUE = /[/\\@\d]|\w\.\w/

/** The pieces of a query between full stops, commas and "and". Of an endless query only the beginning is considered. */
export function splitClauses(query: string): string[] {
  const pieces = query.slice(0, MAX_CHARACTERS).split(CLAUSE_BORDER)
  return pieces.filter((piece) => piece.trim() !== '')
}

/** Reads a query against the index: its words, each once, with their synonyms and weights. */
export function readQuery(index: ToolIndex, query: string): Query {
  const reader = new QueryReader(index)
  const pieces = splitClauses(query).map((piece) => reader.read(piece))
  const clauses = pieces.filter((words) => new Set(words).size >= MIN_CLAUSE_WORDS).slice(0, MAX_CLAUSES)
  return {
    whole: toClause(index, pieces),
    clauses: clauses.length > 1 ? clauses.map((words) => toClause(index, [words])) : [],
  }
}

class QueryReader {
  readonly #index: ToolIndex
  readonly #words = new Map<Term, QueryWord>()

  constructor(index: ToolIndex) {
    this.#index = index
  }

  /** The words of a text in order. A word met before is the same object. */
  read(text: string): QueryWord[] {
    const words: QueryWord[] = []
    for (const chunk of text.split(/\s+/)) {
      const isValue = VALUE.test(chunk)
      for (const word of this.#split(chunk)) {
        const found = this.#read(word, isValue)
        if (found === undefined) continue
        const before = words.at(-1)
        if (before !== undefined) this.#join(before, found)
        words.push(found)
      }
    }
    return words
  }

  // "e-mail" and "GitHub" are one word where the index has them as one.
  #split(chunk: string): string[] {
    const whole = compact(chunk)
    return this.#index.terms.has(toTerm(whole) ?? '') && !/\d/.test(chunk) ? [whole] : splitWords(chunk)
  }

  #read(word: string, isValue: boolean): QueryWord | undefined {
    const term = toTerm(word)
    if (term === undefined) return undefined
    const known = this.#words.get(term)
    if (known !== undefined || this.#words.size === MAX_WORDS) return known
    const read = this.#weigh(word, term)
    if (isValue && read.forms.length === 0) return undefined
    this.#words.set(term, read)
    return read
  }

  #weigh(word: string, term: Term): QueryWord {
    const { terms, synonyms, idf, tools } = this.#index
    const share = FILLER_WORDS.has(word) ? FILLER_SHARE : 1
    const own = terms.get(term)
    const ownWeight = share * (own === undefined ? inverseFrequency(0, tools.length) : at(idf, own))
    const forms = (synonyms.get(term) ?? []).map((synonym) => ({
      term: synonym,
      weight: Math.min(ownWeight, share * at(idf, synonym)),
    }))
    // A word that the index knows only by its synonyms is as telling as they are.
    const weight = own === undefined && forms.length > 0 ? Math.max(...forms.map((form) => form.weight)) : ownWeight
    for (const form of forms) form.weight *= SYNONYM_SHARE
    if (own !== undefined) forms.push({ term: own, weight })
    return { word, term, forms, weight }
  }

  // Two words that somebody else writes as one: "google calendar", "googlecalendar".
  #join(left: QueryWord, right: QueryWord): void {
    const joined = this.#index.terms.get(toTerm(left.word + right.word) ?? '')
    if (joined === undefined) return
    for (const { forms, weight } of [left, right]) {
      if (!forms.some(({ term }) => term === joined)) forms.push({ term: joined, weight: JOINED_SHARE * weight })
    }
  }
}

function toClause({ terms, idf }: ToolIndex, pieces: QueryWord[][]): Clause {
  const pairs = new Map<string, Pair>()
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
