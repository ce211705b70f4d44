import { splitIndexWords, splitRuns, splitWords, type Term, toTerm } from './tokens.ts'
import { FIELDS, type Field } from './tool-fields.ts'
import { at } from './typed-arrays.ts'

/** Where a field's words lie in the table: from `start` up to, not including, `end`. */
export type Span = readonly [start: number, end: number]

/** Texts as numbers: every term has one, and every field of every tool is a span of them. */
export interface FieldWords {
  words: Uint32Array
  /** See {@link spanOf}. */
  starts: Uint32Array
  ends: Uint32Array
}

/** The span of one field of one tool, the field by its place in FIELDS. */
export function spanOf({ starts, ends }: FieldWords, tool: number, field: number): Span {
  const slot = tool * FIELDS.length + field
  return [at(starts, slot), at(ends, slot)]
}

/** What an earlier table came to: its texts, and its terms by their number. */
export interface EarlierText {
  text: FieldWords
  terms: readonly Term[]
}

/** Collects the words of tools. What tools share (their server's texts) is added once and referred to. */
export class TextTable {
  /** Every term seen, and its number: 0, 1, 2 … in the order met. */
  readonly terms = new Map<Term, number>()
  // Splitting and stemming are the slow part and catalogues repeat themselves, so each run of letters is looked at once.
  readonly #inNames = new Map<string, readonly number[]>()
  readonly #inTexts = new Map<string, readonly number[]>()
  readonly #earlier: EarlierText | undefined
  /** The numbers here of the earlier table's terms, of those met so far. */
  readonly #numberOfEarlier: (number | undefined)[] = []
  readonly #starts: number[] = []
  readonly #ends: number[] = []
  #words = new Uint32Array(4_096)
  #length = 0

  /** `earlier` is the table that tools are copied from. */
  constructor(earlier?: EarlierText) {
    this.#earlier = earlier
  }

  /** Adds texts that belong to several tools. */
  addShared(texts: Partial<Record<Field, string>>): Partial<Record<Field, Span>> {
    const spans: Partial<Record<Field, Span>> = {}
    for (const field of FIELDS) {
      const text = texts[field]
      if (text !== undefined) spans[field] = this.#add(field, text)
    }
    return spans
  }

  /** Adds the next tool: its own texts, and what it shares with others. */
  addTool(own: Partial<Record<Field, string>>, shared: Partial<Record<Field, Span>>): void {
    for (const field of FIELDS) {
      const [start, end] = shared[field] ?? this.#add(field, own[field] ?? '')
      this.#starts.push(start)
      this.#ends.push(end)
    }
  }

  /** Adds again what the earlier table has of one of its tools in some fields. Comes to the same as adding the texts. */
  copyShared(tool: number, fields: readonly Field[]): Partial<Record<Field, Span>> {
    return Object.fromEntries(fields.map((field) => [field, this.#copy(tool, FIELDS.indexOf(field))]))
  }

  /** Adds a tool of the earlier table again, with what it shares with others. */
  copyTool(tool: number, shared: Partial<Record<Field, Span>>): void {
    FIELDS.forEach((field, place) => {
      const [start, end] = shared[field] ?? this.#copy(tool, place)
      this.#starts.push(start)
      this.#ends.push(end)
    })
  }

  finish(): FieldWords {
    return {
      words: this.#words.slice(0, this.#length),
      starts: Uint32Array.from(this.#starts),
      ends: Uint32Array.from(this.#ends),
    }
  }

  #add(field: Field, text: string): Span {
    const start = this.#length
    const known = field === 'name' ? this.#inNames : this.#inTexts
    for (const run of splitRuns(text)) {
      const numbers = known.get(run) ?? this.#meet(run, known)
      for (let i = 0; i < numbers.length; i++) this.#push(numbers[i] as number)
    }
    return [start, this.#length]
  }

  #copy(tool: number, field: number): Span {
    const start = this.#length
    const { text, terms } = this.#earlier as EarlierText
    const [from, to] = spanOf(text, tool, field)
    for (let i = from; i < to; i++) {
      const number = at(text.words, i)
      this.#push((this.#numberOfEarlier[number] ??= this.#numberOf(terms[number] as Term)))
    }
    return [start, this.#length]
  }

  #meet(run: string, known: Map<string, readonly number[]>): readonly number[] {
    // In a tool's own name "ReadFile" is two words and no more: a third would make the name longer than it is.
    const words = known === this.#inNames ? splitWords(run) : splitIndexWords(run)
    const terms = words.map(toTerm).filter((term) => term !== undefined)
    const numbers = terms.map((term) => this.#numberOf(term))
    known.set(run, numbers)
    return numbers
  }

  #numberOf(term: Term): number {
    const number = this.terms.get(term) ?? this.terms.size
    this.terms.set(term, number)
    return number
  }

  #push(number: number): void {
    if (this.#length === this.#words.length) {
      const larger = new Uint32Array(this.#words.length * 2)
      larger.set(this.#words)
      this.#words = larger
    }
    this.#words[this.#length++] = number
  }
}
