import { alphabetOf } from './alphabet.ts'
import { FILLER_WORDS, FOREIGN_STOP_WORDS } from './stop-words.ts'
import { compact, splitWords, type Term, toTerm } from './tokens.ts'
import { inverseFrequency, type ToolIndex } from './tool-index.ts'
import { at } from './typed-arrays.ts'

/** A term of the index that stands for a query word. `weight` is its idf, reduced where it is not the word itself. */
export interface WordForm {
  term: number
  weight: number
  kind: FormKind
}

/** What a form is to its word: the word itself, the word and its neighbour in one, what means or suggests it, what was meant by it. */
export type FormKind = 'own' | 'joined' | 'related' | 'meant'

/** A distinct word of a query with every term that may stand for it, the best of which counts. */
export interface QueryWord {
  /** As written, in lower case. */
  word: string
  term: Term
  forms: WordForm[]
  /** What the word counts where a tool matches it fully. */
  weight: number
}

const MAX_WORDS = 64

const JOINED_SHARE = 0.8
const FILLER_SHARE = 0.8
// What stands in quotes is mostly what a tool is to be called with.
const QUOTED_SHARE = 0.5
const MISSPELT_SHARE = 0.8
// "A Slack channel", where nothing knows Slack: no other channel will do.
const UNKNOWN_NAME_SHARE = 2

// Paths, addresses, file names and numbers are what a tool is to be called with, and say little about which one.
const VALUE = /[/\\@\d]|\w\.\w/
// For private use: no text of others means anything by it.
const QUOTE_MARK = '\u{E000}'

/** What can be seen of a word without knowing it. */
interface Looks {
  share: number
  isValue: boolean
  /** See {@link namesAKind}. */
  isKind: boolean
}

/** Reads the words of one query, each once. */
export class QueryReader {
  readonly #index: ToolIndex
  readonly #words = new Map<Term, QueryWord>()

  constructor(index: ToolIndex) {
    this.#index = index
  }

  /** A text in which the words that were quoted are marked, for `read`, and no clause ends between them. */
  static markQuotes(text: string): string {
    return text.replace(alphabetOf(text).quoted, (_, quoted: string) => {
      const words = quoted.split(/[\s.;,!?]+/).filter((word) => word !== '')
      return words.map((word) => `${QUOTE_MARK}${word}`).join(' ')
    })
  }

  /** The words of a text in order. A word met before is the same object. */
  read(text: string): QueryWord[] {
    const words: QueryWord[] = []
    const chunks = text.split(/\s+/).filter((chunk) => chunk !== '')
    for (const [place, chunk] of chunks.entries()) {
      const share = chunk.startsWith(QUOTE_MARK) ? QUOTED_SHARE : 1
      const isValue = VALUE.test(chunk)
      for (const word of this.#split(chunk)) {
        const found = this.#read(word, { share, isValue, isKind: namesAKind(chunks, place) })
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

  #read(word: string, { share, isValue, isKind }: Looks): QueryWord | undefined {
    const term = toTerm(word)
    if (term === undefined) return undefined
    const known = this.#words.get(term)
    if (known !== undefined || this.#words.size === MAX_WORDS) return known
    const read = this.#weigh(word, term, FILLER_WORDS.has(word) ? share * FILLER_SHARE : share)
    if (read.forms.length === 0 && (isValue || saysNothing(word))) return undefined
    if (read.forms.length === 0 && isKind) read.weight *= UNKNOWN_NAME_SHARE
    this.#words.set(term, read)
    return read
  }

  #weigh(word: string, term: Term, share: number): QueryWord {
    const { terms, synonyms, idf, tools } = this.#index
    const own = terms.get(term)
    const related = synonyms.get(term)
    const ownWeight = share * (own === undefined ? inverseFrequency(0, tools.length) : at(idf, own))
    const others = related ?? (own === undefined ? this.#misspelt(word, term) : [])
    const forms = others.map(
      (other): WordForm => ({
        term: other.term,
        weight: other.share * Math.min(ownWeight, share * at(idf, other.term)),
        kind: related === undefined ? 'meant' : 'related',
      }),
    )
    // A word that the index knows only by others is as telling as they are.
    const byOthers = Math.max(0, ...forms.map((form, place) => form.weight / (others[place]?.share ?? 1)))
    const weight = own === undefined && byOthers > 0 ? byOthers : ownWeight
    if (own !== undefined) forms.unshift({ term: own, weight, kind: 'own' })
    return { word, term, forms, weight }
  }

  // A stemmer may take the end of a word for an ending that is none: "raed" becomes "ra".
  #misspelt(word: string, term: Term): { term: number; share: number }[] {
    const { spelling } = this.#index
    const meant = new Set([...spelling.meantBy(term), ...(word === term ? [] : spelling.meantBy(word))])
    return Array.from(meant, (one) => ({ term: one, share: MISSPELT_SHARE }))
  }

  // Two words that somebody else writes as one: "google calendar", "googlecalendar".
  #join(left: QueryWord, right: QueryWord): void {
    const joined = this.#index.terms.get(toTerm(left.word + right.word) ?? '')
    if (joined === undefined) return
    for (const { forms, weight } of [left, right]) {
      if (forms.some(({ term }) => term === joined)) continue
      forms.push({ term: joined, weight: JOINED_SHARE * weight, kind: 'joined' })
    }
  }
}

// A name in the middle of a request, with the thing that it is a name for behind it.
function namesAKind(chunks: readonly string[], place: number): boolean {
  const [name, thing] = [chunks[place] ?? '', chunks[place + 1] ?? '']
  return (
    place > 0 && alphabetOf(name).name.test(name) && alphabetOf(thing).thing.test(thing) && toTerm(thing) !== undefined
  )
}

// Function words of another language, single letters and pairs of characters that are mostly the end of one word and the start of the next.
function saysNothing(word: string): boolean {
  return word.length === 1 || FOREIGN_STOP_WORDS.has(word) || alphabetOf(word).unspaced?.test(word) === true
}
