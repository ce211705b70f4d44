import type { Clause, Pair } from './query.ts'
import { spanOf } from './text-table.ts'
import { FIELDS } from './tool-fields.ts'
import type { ToolIndex } from './tool-index.ts'
import { at } from './typed-arrays.ts'

const NAME_FIELD = FIELDS.indexOf('name')
const PAIR_FIELDS = (['name', 'server', 'description', 'parameters'] as const).map((field) => FIELDS.indexOf(field))

/**
 * What single words cannot tell of a tool: how much of its name a clause asks for, and which words stand side by side. Made once, for one
 * clause after the other: an array as long as the vocabulary for each would keep the garbage collector busy.
 */
export class CloseLook {
  readonly #index: ToolIndex
  readonly #asked: Float32Array
  #askedTerms: number[] = []
  #pairs: readonly Pair[] = []
  /** For each pair the look in which it was found last. */
  readonly #foundIn: number[] = []
  #look = 0

  constructor(index: ToolIndex) {
    this.#index = index
    this.#asked = new Float32Array(index.terms.size)
  }

  /** Has the tools looked at for this clause from now on. */
  lookFor({ words, pairs }: Clause): void {
    for (const term of this.#askedTerms) this.#asked[term] = 0
    this.#askedTerms = []
    this.#pairs = pairs
    for (const { term, forms, weight } of words) {
      for (const form of forms) this.#ask(form.term, Math.min(form.weight / weight, 1))
      const own = this.#index.terms.get(term)
      if (own !== undefined) this.#ask(own, 1)
    }
  }

  /** How much of the tool's name is asked for, in whatever words, as a share (0..1) of the idf of its own. */
  nameShare(tool: number): number {
    const { idf, text } = this.#index
    let all = 0
    let asked = 0
    const [start, end] = spanOf(text, tool, NAME_FIELD)
    for (let i = start; i < end; i++) {
      const term = at(text.words, i)
      all += at(idf, term)
      asked += at(idf, term) * at(this.#asked, term)
    }
    return all === 0 ? 0 : asked / all
  }

  /** The weight of the query's neighbours that are neighbours in the tool's text as well, each counted once. */
  pairWeight(tool: number): number {
    if (this.#pairs.length === 0) return 0
    this.#look++
    let weight = 0
    for (const field of PAIR_FIELDS) weight += this.#weighPairs(tool, field)
    return weight
  }

  #ask(term: number, share: number): void {
    this.#asked[term] = Math.max(at(this.#asked, term), share)
    this.#askedTerms.push(term)
  }

  /** What the pairs weigh that stand in a field, and were not found yet in this look. */
  #weighPairs(tool: number, field: number): number {
    const { words } = this.#index.text
    const [start, end] = spanOf(this.#index.text, tool, field)
    let weight = 0
    for (let i = start + 1; i < end; i++) {
      const second = at(words, i)
      const first = at(words, i - 1)
      if (at(this.#asked, second) === 0 || at(this.#asked, first) === 0) continue
      const place = this.#pairs.findIndex((one) => one.first === first && one.second === second)
      if (place === -1 || this.#foundIn[place] === this.#look) continue
      this.#foundIn[place] = this.#look
      weight += this.#pairs[place]?.weight ?? 0
    }
    return weight
  }
}
