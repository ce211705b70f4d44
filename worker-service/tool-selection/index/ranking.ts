import { byMatch, ClauseRanker, type ClauseRanking } from './clause-ranker.ts'
import { findNamedTools, type NamedTools } from './named-tools.ts'
import { type Query, readQuery } from './query.ts'
import type { ToolIndex } from './tool-index.ts'
import { at } from './typed-arrays.ts'

/** A tool by its place in the index, and its score: 100 for a tool that was named, otherwise 0..99. */
export interface RankedTool {
  tool: number
  score: number
}

/** The best tools for a query, best first, and how many tools scored `minScore` or more. */
export interface Ranking {
  ranked: RankedTool[]
  passed: number
}

/** How much of a ranking is wanted. */
export interface RankingOptions {
  /** How many tools to return at most. */
  limit: number
  /** The lowest score, 0..100, that a tool may have. */
  minScore: number
}

const NAMED_SCORE = 100
const BEGUN_SCORE = 99.5
const MAX_UNNAMED_SCORE = 99
// Enough for every order that a close look can change.
const MIN_CANDIDATES = 100
const CLAUSE_CANDIDATES = 20
const CLAUSE_BONUS = 0.3
const RANK_OFFSET = 1.5

/** Makes the ranking of an index: the order is the same every time, and tools that nothing speaks for are left out. */
export function createRanking(index: ToolIndex): (query: string, options: RankingOptions) => Ranking {
  const ranker = new ClauseRanker(index)
  return (query, { limit, minScore }) => {
    const { best, matches, found } = rankByWords(ranker, readQuery(index, query), Math.max(MIN_CANDIDATES, limit))
    const named = scoreNamed(findNamedTools(index, query), matches)
    const ranked = [...named].map(([tool, score]) => ({ tool, score }))
    for (const { tool, match } of best) if (!named.has(tool)) ranked.push({ tool, score: toScore(match) })
    const passing = ranked.filter(({ score }) => score >= minScore)

    const looked = new Set(ranked.map(({ tool }) => tool))
    let passed = passing.length
    const lowest = toMatch(minScore)
    for (const tool of found) if (at(matches, tool) >= lowest && !looked.has(tool)) passed++
    return { ranked: passing.slice(0, limit), passed }
  }
}

// Half of what would be a full match scores 50, a full one 75, and more always scores higher.
function toScore(match: number): number {
  return Math.min(Math.round(1_000 * (1 - 4 ** -match)) / 10, MAX_UNNAMED_SCORE)
}

function toMatch(score: number): number {
  return score > MAX_UNNAMED_SCORE ? Infinity : -Math.log(1 - score / 100) / Math.log(4)
}

function rankByWords(ranker: ClauseRanker, { whole, clauses }: Query, count: number): ClauseRanking {
  const bonus = new Map<number, number>()
  for (const clause of clauses) {
    ranker.rank(clause, CLAUSE_CANDIDATES).best.forEach(({ tool, match }, rank) => {
      const own = (CLAUSE_BONUS * Math.min(match, 1)) / (rank + RANK_OFFSET)
      bonus.set(tool, Math.max(bonus.get(tool) ?? 0, own))
    })
  }
  const ranking = ranker.rank(whole, count)
  if (bonus.size === 0) return ranking
  const matches = new Map(ranking.best.map(({ tool, match }) => [tool, match]))
  for (const [tool, own] of bonus) matches.set(tool, (matches.get(tool) ?? at(ranking.matches, tool)) + own)
  const best = [...matches].map(([tool, match]) => ({ tool, match })).toSorted(byMatch)
  return { ...ranking, best }
}

// Each name gets a place before any gets its second: a name that many servers share must not push the others out.
function scoreNamed(named: NamedTools[], matches: Float64Array): Map<number, number> {
  const queues = named.filter(({ exact }) => exact).map(({ tools }) => byMatchOf(tools, matches))
  const longest = Math.max(0, ...queues.map(({ length }) => length))
  const inTurn = Array.from({ length: longest }, (_, turn) => queues.map((queue) => queue[turn])).flat()
  const begun = named.filter(({ exact }) => !exact).flatMap(({ tools }) => tools)

  const scores = new Map<number, number>()
  for (const tool of begun) scores.set(tool, BEGUN_SCORE)
  for (const tool of inTurn) if (tool !== undefined) scores.set(tool, NAMED_SCORE)
  return new Map([...scores].toSorted(([, a], [, b]) => b - a))
}

function byMatchOf(tools: readonly number[], matches: Float64Array): number[] {
  return tools.toSorted((a, b) => at(matches, b) - at(matches, a) || a - b)
}
