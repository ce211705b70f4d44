import { CloseLook } from './close-look.ts'
import type { Clause } from './query.ts'
import type { ToolIndex } from './tool-index.ts'
import { at } from './typed-arrays.ts'
import { fullWeight, type Wanted, WordMatcher, type WordMatches } from './word-matcher.ts'

/** A tool by its place in the index, and how well it matches: about 1 where it matches all that was asked, more where its name says so. */
export interface Candidate {
  tool: number
  match: number
}

/** The best tools for a clause, in no order that means something, and what every tool has by its words alone. */
export interface ClauseRanking extends Omit<WordMatches, 'best'> {
  best: Candidate[]
}

const NAME_BONUS = 0.2
const PAIR_BONUS = 0.4

/** Ranks the tools of an index for one clause after the other. */
export class ClauseRanker {
  readonly #matcher: WordMatcher
  readonly #close: CloseLook

  constructor(index: ToolIndex) {
    this.#close = new CloseLook(index)
    this.#matcher = new WordMatcher(index)
  }

  /** Ranks the tools for a clause; the `count` best by their words are looked at closely. */
  rank(clause: Clause, wanted: Wanted): ClauseRanking {
    const { matches, best: found, passed } = this.#matcher.match(clause.words, wanted)
    const full = fullWeight(clause.words)
    this.#close.lookFor(clause)
    const best = Array.from(found, (tool) => {
      const byName = 1 + NAME_BONUS * this.#close.nameShare(tool)
      return { tool, match: at(matches, tool) * byName + (PAIR_BONUS * this.#close.pairWeight(tool)) / full }
    })
    return { best, matches, passed }
  }
}

/** The better match first, the earlier tool among equals. */
export function byMatch(a: Candidate, b: Candidate): number {
  return b.match - a.match || a.tool - b.tool
}
