import type { Postings } from './postings.ts'
import type { QueryWord, WordForm } from './query-reader.ts'
import type { ToolIndex } from './tool-index.ts'
import { at } from './typed-arrays.ts'

/** How well tools match the words of a query, by the tool's place in the index; 0 for all but `found`. Good until the next query. */
export interface WordMatches {
  matches: Float64Array
  /** The tools that match any word, in no order that means something. */
  found: Uint32Array
}

// What a word counts that stands in a name of usual length and nowhere else is 0.55: 2 / (2 + SATURATION).
const FULL_STRENGTH = 0.5
// A tool that matches as much as three to four of a request's words is what it asks for, however long it is; of a short request a tool
// has to match nearly all. Fitted to where right tools and those of foreign catalogues part, at every length of query.
const WORDS_AT_MOST = 3.6
const WORDS_AT_HALF = 1.8
// How far it counts against a tool that its evidence comes from few of the words: "search the web" does not ask for `search_files`.
const COVERAGE_SHARE = 0.55

/** The weight that a tool has to match to be all that was asked for. */
export function fullWeight(words: readonly QueryWord[]): number {
  if (words.length === 0) return 1
  const meanWeight = words.reduce((sum, { weight }) => sum + weight, 0) / words.length
  return (FULL_STRENGTH * meanWeight * WORDS_AT_MOST * words.length) / (words.length + WORDS_AT_HALF)
}

/** Adds up the evidence for the words of a query. Keeps its arrays from query to query: allocating them would be most of its work. */
export class WordMatcher {
  readonly #postings: Postings
  readonly #matches: Float64Array
  /** The weight of the words that a tool has any evidence for. */
  readonly #covered: Float64Array
  /** The evidence for the word at hand, where {@link #wordOf} says that it is for that one. */
  readonly #ofWord: Float64Array
  readonly #wordOf: Uint32Array
  #word = 0
  readonly #found: Uint32Array
  #foundCount = 0

  constructor({ tools, postings }: ToolIndex) {
    this.#postings = postings
    this.#matches = new Float64Array(tools.length)
    this.#covered = new Float64Array(tools.length)
    this.#ofWord = new Float64Array(tools.length)
    this.#wordOf = new Uint32Array(tools.length)
    this.#found = new Uint32Array(tools.length)
  }

  /** How well each tool matches: about 1 where it matches all that was asked. */
  match(words: readonly QueryWord[]): WordMatches {
    this.#clear()
    for (const word of words) {
      this.#word++
      for (const form of word.forms) this.#add(form, word.weight)
    }
    const full = fullWeight(words)
    const found = this.#found.subarray(0, this.#foundCount)
    for (const tool of found) {
      const coverage = Math.min((FULL_STRENGTH * at(this.#covered, tool)) / full, 1)
      this.#matches[tool] = (at(this.#matches, tool) / full) * (1 - COVERAGE_SHARE + COVERAGE_SHARE * coverage)
    }
    return { matches: this.#matches, found }
  }

  // The better of a word and its synonyms, not their sum: a tool that uses several of them says one thing.
  #add({ term, weight }: WordForm, wordWeight: number): void {
    const { offsets, tools, strengths } = this.#postings
    const end = at(offsets, term + 1)
    for (let i = at(offsets, term); i < end; i++) {
      const tool = at(tools, i)
      const before = at(this.#wordOf, tool) === this.#word ? at(this.#ofWord, tool) : 0
      const gain = weight * at(strengths, i) - before
      if (gain <= 0) continue
      if (before === 0) this.#cover(tool, wordWeight)
      this.#matches[tool] = at(this.#matches, tool) + gain
      this.#ofWord[tool] = before + gain
      this.#wordOf[tool] = this.#word
    }
  }

  #cover(tool: number, wordWeight: number): void {
    if (at(this.#covered, tool) === 0) this.#found[this.#foundCount++] = tool
    this.#covered[tool] = at(this.#covered, tool) + wordWeight
  }

  #clear(): void {
    for (let i = 0; i < this.#foundCount; i++) {
      const tool = at(this.#found, i)
      this.#matches[tool] = 0
      this.#covered[tool] = 0
    }
    this.#foundCount = 0
  }
}
