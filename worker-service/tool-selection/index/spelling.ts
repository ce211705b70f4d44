import type { Term } from './tokens.ts'
import { at } from './typed-arrays.ts'

const MIN_LENGTH = 4
// Where a word is this long, a letter more, less or other makes another word less often than a misspelt one.
const MIN_EDITABLE_LENGTH = 6
const LETTERS = /^[a-z]+$/
const LETTER_A = 97

/**
 * Finds the term that was meant by a misspelt one: one letter left out, added or replaced, or two neighbours exchanged (Damerau, 1964:
 * four of five misspellings are one of these), never the first letter. Two in a row are exchanged in short words as well.
 */
export class Spelling {
  readonly #terms: readonly Term[]
  // Made when it is first needed: most queries need none of it.
  #byFirstLetter: ReadonlyMap<string, Neighbours> | undefined

  /** The number of a term is its place. */
  constructor(terms: readonly Term[]) {
    this.#terms = terms
  }

  /** The numbers of all terms that a term may be a misspelling of. */
  meantBy(term: Term): number[] {
    if (term.length < MIN_LENGTH || !LETTERS.test(term)) return []
    this.#byFirstLetter ??= groupByFirstLetter(this.#terms)
    const { numbers, letters } = this.#byFirstLetter.get(term[0] ?? '') ?? NO_NEIGHBOURS
    const own = lettersOf(term)
    const found: number[] = []
    // Letters that only one of the two has: at most two where they are one mistake apart, which rules out nearly all at no cost.
    for (let i = 0; i < numbers.length; i++) {
      const different = own ^ at(letters, i)
      const number = at(numbers, i)
      if (bitCount(different) <= 2 && isMisspelt(term, this.#terms[number] as Term, different)) found.push(number)
    }
    return found
  }
}

/** Terms that begin alike, by their numbers, ascending, and the letters that each has. */
interface Neighbours {
  numbers: Uint32Array
  letters: Uint32Array
}

const NO_NEIGHBOURS: Neighbours = { numbers: new Uint32Array(), letters: new Uint32Array() }

function groupByFirstLetter(terms: readonly Term[]): Map<string, Neighbours> {
  const grouped = Map.groupBy(terms.keys(), (number) => terms[number]?.[0] ?? '')
  return new Map(
    Array.from(grouped, ([letter, numbers]) => [
      letter,
      {
        numbers: Uint32Array.from(numbers),
        letters: Uint32Array.from(numbers, (one) => lettersOf(terms[one] as Term)),
      },
    ]),
  )
}

function isMisspelt(term: Term, meant: Term, different: number): boolean {
  if (Math.abs(term.length - meant.length) > 1) return false
  if (different !== 0 && Math.min(term.length, meant.length) < MIN_EDITABLE_LENGTH - 1) return false
  let start = 1
  while (start < term.length && term[start] === meant[start]) start++
  const [a, b] = [term.slice(start), meant.slice(start)]
  if (a[0] === b[1] && a[1] === b[0] && a.slice(2) === b.slice(2)) return true
  if (term.length < MIN_EDITABLE_LENGTH && meant.length < MIN_EDITABLE_LENGTH) return false
  return a.slice(1) === b || a === b.slice(1) || a.slice(1) === b.slice(1)
}

function lettersOf(term: Term): number {
  let letters = 0
  for (let i = 0; i < term.length; i++) letters |= 1 << ((term.charCodeAt(i) - LETTER_A) & 31)
  return letters
}

function bitCount(bits: number): number {
  let rest = bits
  let count = 0
  for (; rest !== 0; rest &= rest - 1) count++
  return count
}
