import { BestTools } from '../index/best-tools.ts'
import type { RankedTool, Ranking, RankingOptions } from '../index/ranking.ts'
import { toMatch, toScore } from '../index/scores.ts'
import { shareOut } from '../index/server-quota.ts'
import type { IndexedTool } from '../index/tool-index.ts'
import { at } from '../index/typed-arrays.ts'

/** A way to rank tools by words alone, as `createRanking` makes it. */
interface RankingByWords {
  readonly tools: readonly IndexedTool[]
  rank(query: string, options: RankingOptions): Ranking
}

/** A tool ranked by words and meaning: `nearness` is 1 for the nearest in meaning, 0 for one that is no nearer than the average. */
export interface HybridTool extends RankedTool {
  nearness: number
}

/** What {@link rankHybrid} finds. */
export interface HybridRanking extends Omit<Ranking, 'ranked'> {
  ranked: HybridTool[]
}

// As many by words and by meaning as have a chance to come among the first.
const CANDIDATES = { byWords: 200, byMeaning: 100 }
// What the nearest tool in meaning gains over the average one, where words that all match are worth 1.
const MEANING_WEIGHT = 0.1
// A model whose nearest tool is none of the first by words has mostly not understood what was asked: then it orders nothing.
const BELIEVED_AMONG = 5
// Where words fit so well, or name a tool, meaning has never put a better one first.
const CLEAR_SCORE = 95

/**
 * Whether meaning may change what words have found. They decide whether anything is found at all, since some tool is the nearest
 * whatever is asked; and where they leave no doubt nobody need wait for more.
 */
export function canMeaningHelp({ ranked: [best] }: Ranking): boolean {
  return best !== undefined && best.score < CLEAR_SCORE
}

/**
 * Ranks by words and by how near tools are in meaning (`similarities`, by place), where that {@link canMeaningHelp}. Evidence of the two
 * adds up where they agree on what is asked: where the nearest tool is among the first by words.
 */
export function rankHybrid(
  byWords: RankingByWords,
  similarities: Float32Array,
): (query: string, options: RankingOptions) => HybridRanking {
  const meaning = new Meaning(similarities)
  return (query, { limit, minScore }) => {
    const words = byWords.rank(query, { limit: CANDIDATES.byWords, minScore: 0 }).ranked
    const merged = mergeCandidates(words, meaning)
    const passing = merged.filter(({ score }) => score >= minScore)
    const passingWords = words.filter(({ score }) => score >= minScore).length
    // Beyond the candidates there can be more only where all of these pass.
    const beyond = passingWords < words.length ? 0 : byWords.rank(query, { limit: 0, minScore }).passed - passingWords
    return { ranked: shareOut(byWords.tools, passing, limit), passed: passing.length + beyond }
  }
}

function mergeCandidates(byWords: readonly RankedTool[], meaning: Meaning): HybridTool[] {
  if (!meaning.isBelievedBy(byWords)) return byWords.map((one) => ({ ...one, nearness: 0 }))
  // In the order that words gave: it stays where nothing else decides, for scores are rounded.
  const matches = new Map(byWords.map(({ tool, score }) => [tool, toMatch(score)]))
  for (const tool of meaning.nearest(CANDIDATES.byMeaning)) if (!matches.has(tool)) matches.set(tool, 0)
  const merged = Array.from(matches, ([tool, match]) => {
    const nearness = meaning.nearness(tool)
    return { tool, nearness, match: match + MEANING_WEIGHT * nearness }
  })
  const ordered = merged.toSorted((a, b) => b.match - a.match)
  return ordered.map(({ tool, nearness, match }) => ({ tool, nearness, score: toScore(match) }))
}

/** How near tools are in meaning, among each other: models differ in what a similarity of 0.5 says, and so do queries. */
class Meaning {
  readonly #similarities: Float32Array
  readonly #average: number
  readonly #most: number

  constructor(similarities: Float32Array) {
    this.#similarities = similarities
    this.#average = similarities.reduce((sum, one) => sum + one, 0) / similarities.length
    this.#most = similarities.reduce((most, one) => Math.max(most, one), -1)
  }

  /** Whether the nearest tool is one of the first by words. */
  isBelievedBy(byWords: readonly RankedTool[]): boolean {
    return byWords.slice(0, BELIEVED_AMONG).some(({ tool }) => this.nearness(tool) === 1)
  }

  /** 0 for what is no nearer than the average tool, 1 for the nearest. */
  nearness(tool: number): number {
    const range = this.#most - this.#average
    return range > 0 ? Math.max(0, (at(this.#similarities, tool) - this.#average) / range) : 0
  }

  /** The places, in order, of so many tools at most that are nearer than the average one: the nearest. */
  nearest(count: number): Uint32Array {
    const best = new BestTools(count)
    this.#similarities.forEach((similarity, tool) => {
      if (similarity > this.#average) best.offer(tool, similarity)
    })
    return best.kept().toSorted()
  }
}
