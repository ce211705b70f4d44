import { byMatch, ClauseRanker, type ClauseRanking } from './clause-ranker.ts'
import { findNamedTools, type NamedTools } from './named-tools.ts'
import { type Query, readQuery } from './query.ts'
import { NAMED_SCORE, toMatch, toScore } from './scores.ts'
import { ServerPreference } from './server-preference.ts'
import { shareOut } from './server-quota.ts'
import type { ToolIndex } from './tool-index.ts'
import { at } from './typed-arrays.ts'
import type { Wanted } from './word-matcher.ts'

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

const BEGUN_SCORE = 99.5
// Enough for every order that a close look can change.
const MIN_CANDIDATES = 70
const CLAUSE_WANTED: Wanted = { count: 20, lowest: 0 }
// Of a request of several sentences each mostly asks for a tool of its own; commas and "and" as often only enumerate.
const CLAUSE_BONUS = { few: 0.15, many: 1.2 }
const MANY_SENTENCES = 3
const RANK_OFFSET = 1.5

/** Makes the ranking of an index: the order is the same every time, and tools that nothing speaks for are left out. */
export function createRanking(index: ToolIndex): (query: string, options: RankingOptions) => Ranking {
  const ranker = new ClauseRanker(index)
  const servers = new ServerPreference(index.tools)
  return (query, { limit, minScore }) => {
    const lowest = toMatch(minScore)
    const wanted = { count: Math.max(MIN_CANDIDATES, limit), lowest }
    const { best, matches, passed: byWords } = rankByWords(ranker, readQuery(index, query), wanted)
    const named = scoreNamed(findNamedTools(index, query), matches)
    const ranked: RankedTool[] = []
    let passed = byWords
    const take = (tool: number, score: number) => {
      // Those that were looked at closely count by what came of that, all others by their words.
      if (at(matches, tool) > 0 && at(matches, tool) >= lowest) passed--
      if (score < minScore) return
      passed++
      ranked.push({ tool, score })
    }
    for (const [tool, score] of named) take(tool, score)
    for (const { tool, match } of servers.order(best)) if (!named.has(tool)) take(tool, toScore(match))
    return { ranked: shareOut(index.tools, ranked, limit), passed }
  }
}

function rankByWords(ranker: ClauseRanker, { whole, clauses, sentences }: Query, wanted: Wanted): ClauseRanking {
  const share = sentences < MANY_SENTENCES ? CLAUSE_BONUS.few : CLAUSE_BONUS.many
  const bonus = new Map<number, number>()
  for (const clause of clauses) {
    const { best } = ranker.rank(clause, CLAUSE_WANTED)
    best.toSorted(byMatch).forEach(({ tool, match }, rank) => {
      const own = (share * Math.min(match, 1)) / (rank + RANK_OFFSET)
      bonus.set(tool, Math.max(bonus.get(tool) ?? 0, own))
    })
  }
  const ranking = ranker.rank(whole, wanted)
  for (const one of ranking.best) {
    one.match += bonus.get(one.tool) ?? 0
    bonus.delete(one.tool)
  }
  for (const [tool, own] of bonus) ranking.best.push({ tool, match: at(ranking.matches, tool) + own })
  return ranking
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
