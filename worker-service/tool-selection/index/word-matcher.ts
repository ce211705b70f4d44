import { BestTools } from './best-tools.ts'
import type { Postings } from './postings.ts'
import type { QueryWord, WordForm } from './query-reader.ts'
import type { ToolIndex } from './tool-index.ts'
import { at } from './typed-arrays.ts'

/** How well tools match the words of a query. */
export interface WordMatches {
  /** By the tool's place in the index; 0 where it matches no word. Good until the next query. */
  matches: Float64Array
  /** The best of those that match any word, in no order that means something. */
  best: Uint32Array
  /** How many match any word, and that well. */
  passed: number
}

/** How much is wanted: the `count` best tools, and how many match at least `lowest`. */
export interface Wanted {
  count: number
  lowest: number
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
  readonly #found: Uint32Array
  #foundCount = 0
  /** The evidence for the word at hand, where {@link #wordOf} says that it is for that one. */
  readonly #ofWord: Float64Array
  readonly #wordOf: Uint32Array
  #word = 0

  constructor({ tools, postings }: ToolIndex) {
    this.#postings = postings
    this.#matches = new Float64Array(tools.length)
    this.#covered = new Float64Array(tools.length)
    this.#found = new Uint32Array(tools.length)
    this.#ofWord = new Float64Array(tools.length)
    this.#wordOf = new Uint32Array(tools.length)
  }

  /** How well each tool matches: about 1 where it matches all that was asked. */
  match(words: readonly QueryWord[], { count, lowest }: Wanted): WordMatches {
    this.#clear()
    for (const word of words) this.#add(word)
    const share = 1 / fullWeight(words)
    const coveredShare = FULL_STRENGTH * share
    const best = new BestTools(count)
    let passed = 0
    const [matches, covered, found] = [this.#matches, this.#covered, this.#found]
    for (let i = 0; i < this.#foundCount; i++) {
      const tool = found[i] as number
      const coverage = Math.min(coveredShare * (covered[tool] as number), 1)
      const match = share * (matches[tool] as number) * (1 - COVERAGE_SHARE + COVERAGE_SHARE * coverage)
      matches[tool] = match
      best.offer(tool, match)
      if (match >= lowest) passed++
    }
    return { matches, best: best.kept(), passed }
  }

  #add({ forms, weight }: QueryWord): void {
    this.#word++
    for (const form of forms) this.#addForm(form, weight)
  }

  // The better of a word and its synonyms, not their sum: a tool that uses several of them says one thing.
  #addForm({ term, weight }: WordForm, wordWeight: number): void {
    const { offsets, tools, strengths } = this.#postings
    const [matches, covered, found] = [this.#matches, this.#covered, this.#found]
    const [wordOf, ofWord, word] = [this.#wordOf, this.#ofWord, this.#word]
    const end = at(offsets, term + 1)
    let count = this.#foundCount
    for (let i = at(offsets, term); i < end; i++) {
      const tool = tools[i] as number
      const evidence = weight * (strengths[i] as number)
      let gain = evidence
      if (wordOf[tool] === word) gain -= ofWord[tool] as number
      else {
        const before = covered[tool] as number
        if (before === 0) found[count++] = tool
        covered[tool] = before + wordWeight
        wordOf[tool] = word
      }
      if (gain <= 0) continue
      matches[tool] = (matches[tool] as number) + gain
      ofWord[tool] = evidence
    }
    this.#foundCount = count
  }

  #clear(): void {
    for (let i = 0; i < this.#foundCount; i++) {
      const tool = this.#found[i] as number
      this.#matches[tool] = 0
      this.#covered[tool] = 0
    }
    this.#foundCount = 0
  }
}
