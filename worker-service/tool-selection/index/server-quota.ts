import type { RankedTool } from './ranking.ts'
import { NAMED_SCORE } from './scores.ts'
import type { IndexedTool } from './tool-index.ts'

// Of ten places six: with less, right tools are lost, as requests are mostly for tools of one server.
const QUOTA = 0.6
// Of a short answer every place is needed: of a server that does two things, the tools of the one would keep those of the other out.
const MIN_QUOTA = 6

/**
 * Chooses `limit` of the ranked tools, all of which are good enough: the best ones, but of one server no more than its quota while others
 * have any left. So no server fills a long answer by listing the same tool over and over. The order stays.
 */
export function shareOut<T extends RankedTool>(
  tools: readonly IndexedTool[],
  ranked: readonly T[],
  limit: number,
): T[] {
  const quota = Math.max(MIN_QUOTA, Math.ceil(QUOTA * limit))
  const counts = new Map<unknown, number>()
  const chosen = new Set<T>()
  for (const one of ranked) {
    if (chosen.size === limit) break
    const server = tools[one.tool]?.server
    const count = counts.get(server) ?? 0
    // A tool that was named has its place, whoever else is of its server.
    if (count >= quota && one.score < NAMED_SCORE) continue
    counts.set(server, count + 1)
    chosen.add(one)
  }
  // What is left goes to the best of those that were passed over.
  for (const one of ranked) if (chosen.size < limit) chosen.add(one)
  return ranked.filter((one) => chosen.has(one))
}
