import { describe, expect, it } from 'vitest'
import type { RankedTool, RankingOptions } from '../index/ranking.ts'
import { canMeaningHelp, rankHybrid } from './hybrid-ranking.ts'

/** Ranks by words as it is told, tool by tool. */
function ranking(...scores: readonly [tool: number, score: number][]) {
  const ranked: RankedTool[] = scores.map(([tool, score]) => ({ tool, score }))
  const rank = (_: string, { limit, minScore }: RankingOptions) => {
    const passing = ranked.filter(({ score }) => score >= minScore)
    return { ranked: passing.slice(0, limit), passed: passing.length }
  }
  return { tools: [], rank }
}

const ALL = { limit: 10, minScore: 0 }

describe('ranking by words and meaning', () => {
  it('puts the nearer in meaning first of two that words leave close together', () => {
    const rank = rankHybrid(ranking([0, 60], [1, 58], [2, 20]), Float32Array.of(0.1, 0.8, 0.1, 0.1))
    expect(rank('', ALL).ranked.map(({ tool }) => tool)).toEqual([1, 0, 2])
  })

  it('lets words decide where they are far apart', () => {
    const rank = rankHybrid(ranking([0, 80], [1, 50]), Float32Array.of(0.1, 0.9, 0.1, 0.1))
    expect(rank('', ALL).ranked.map(({ tool }) => tool)).toEqual([0, 1])
  })

  it('finds a tool that no word speaks for behind those that words speak for', () => {
    const { ranked } = rankHybrid(ranking([0, 60]), Float32Array.of(0.9, 0.1, 0.8, 0.1))('', ALL)
    expect(ranked.map(({ tool }) => tool)).toEqual([0, 2])
    expect(ranked[1]?.score).toBeLessThan(30)
  })

  it('is by words where the nearest in meaning is none of their first five', () => {
    const byWords = ranking([0, 60], [1, 60], [2, 59], [3, 58], [4, 57], [5, 56])
    const order = (similarities: Float32Array) => {
      return rankHybrid(byWords, similarities)('', ALL).ranked.map(({ tool, score }) => [tool, score])
    }
    expect(order(Float32Array.of(0, 0, 0, 0, 0, 1, 0.9))).toEqual(
      byWords.rank('', ALL).ranked.map(({ tool, score }) => [tool, score]),
    )
    expect(order(Float32Array.of(0, 0, 0, 0, 1, 0.9, 0.9))[0]?.[0]).toBe(4)
  })

  it('says how near each tool is, among all', () => {
    const { ranked } = rankHybrid(ranking([0, 60], [1, 58], [3, 20]), Float32Array.of(0.4, 0.8, 0, 0))('', ALL)
    expect(ranked.map(({ tool, nearness }) => [tool, nearness.toFixed(1)])).toEqual([
      [1, '1.0'],
      [0, '0.2'],
      [3, '0.0'],
    ])
  })

  it('never takes from a score what words gave', () => {
    const scores = [60, 55, 45, 1] as const
    const byWords = ranking(...scores.map((score, tool): [number, number] => [tool, score]))
    const { ranked } = rankHybrid(byWords, Float32Array.of(-0.9, 0.5, -0.2, 0.1))('', ALL)
    for (const { tool, score } of ranked) expect(score).toBeGreaterThanOrEqual(scores[tool] ?? 0)
  })

  it('has as many as are wanted of those that score enough, and counts all of these', () => {
    const byWords = ranking(...Array.from({ length: 300 }, (_, tool): [number, number] => [tool, 90 - tool / 10]))
    const rank = rankHybrid(byWords, new Float32Array(300))
    expect(rank('', { limit: 2, minScore: 62 })).toMatchObject({ ranked: [{ tool: 0 }, { tool: 1 }], passed: 281 })
  })

  it('is by words where all are as near', () => {
    const byWords = ranking([3, 60], [1, 60], [2, 20])
    expect(rankHybrid(byWords, new Float32Array(4).fill(0.5))('', ALL).ranked.map(({ tool }) => tool)).toEqual([
      3, 1, 2,
    ])
  })
})

describe('whether meaning can help', () => {
  it.each([
    ['nothing was found', []],
    ['a tool was named', [[0, 100]]],
    ['words fit well', [[0, 96]]],
  ] as const)('is denied where %s', (_, scores) => {
    expect(
      canMeaningHelp(ranking(...scores.map(([tool, score]): [number, number] => [tool, score])).rank('', ALL)),
    ).toBe(false)
  })

  it('is said where words leave a doubt', () => {
    expect(canMeaningHelp(ranking([0, 80]).rank('', ALL))).toBe(true)
  })
})
