import type { LabelledQuery } from './labelled-set.ts'

/** How good one ranking is, each figure 0..1. Recall counts groups of interchangeable tools, NDCG gives one gain for each. */
export interface Score {
  recall1: number
  recall3: number
  recall5: number
  recall10: number
  ndcg10: number
  mrr: number
}

/** How many tools of a ranking are looked at. */
export const DEPTH = 10

/** Scores the ids that were found for a query, best first, against those that fit. The query must have any that fit. */
export function scoreRanking({ groups }: LabelledQuery, found: readonly string[]): Score {
  const gains = toGains(groups, found)
  const recallAt = (depth: number) => gains.slice(0, depth).reduce((sum, gain) => sum + gain, 0) / groups.length
  const ideal = Array.from({ length: Math.min(DEPTH, groups.length) }, () => 1)
  // A second tool of a group that is there already gains nothing, but is right all the same.
  const first = found.slice(0, DEPTH).findIndex((id) => groups.some((group) => group.includes(id)))
  return {
    recall1: recallAt(1),
    recall3: recallAt(3),
    recall5: recallAt(5),
    recall10: recallAt(10),
    ndcg10: discountedGain(gains) / discountedGain(ideal),
    mrr: first === -1 ? 0 : 1 / (first + 1),
  }
}

/** The mean of each figure; NaN where there is none. */
export function meanScore(scores: readonly Score[]): Score {
  const mean = (key: keyof Score) => scores.reduce((sum, score) => sum + score[key], 0) / scores.length
  return {
    recall1: mean('recall1'),
    recall3: mean('recall3'),
    recall5: mean('recall5'),
    recall10: mean('recall10'),
    ndcg10: mean('ndcg10'),
    mrr: mean('mrr'),
  }
}

// How many groups each place of a ranking brings that none before it brought.
function toGains(groups: LabelledQuery['groups'], found: readonly string[]): number[] {
  const missing = new Set(groups)
  return found.slice(0, DEPTH).map((id) => {
    const brought = [...missing].filter((group) => group.includes(id))
    for (const group of brought) missing.delete(group)
    return brought.length
  })
}

function discountedGain(gains: readonly number[]): number {
  return gains.reduce((sum, gain, place) => sum + Math.min(gain, 1) / Math.log2(place + 2), 0)
}
