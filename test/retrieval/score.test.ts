import { describe, expect, it } from 'vitest'
import type { LabelledQuery } from './labelled-set.ts'
import { meanScore, scoreRanking } from './score.ts'

function wanting(...groups: string[][]): LabelledQuery {
  return { id: 'q', query: 'q', kind: '', half: 'tuned', groups }
}

describe('scoreRanking', () => {
  it('gives everything to a ranking that begins with all that fits', () => {
    const perfect = { recall3: 1, recall5: 1, recall10: 1, ndcg10: 1, mrr: 1 }
    expect(scoreRanking(wanting(['a']), ['a', 'x'])).toEqual({ recall1: 1, ...perfect })
    expect(scoreRanking(wanting(['a'], ['b']), ['b', 'a'])).toEqual({ recall1: 0.5, ...perfect })
  })

  it('gives nothing where nothing fits', () => {
    const nothing = { recall1: 0, recall3: 0, recall5: 0, recall10: 0, ndcg10: 0, mrr: 0 }
    expect(scoreRanking(wanting(['a']), [])).toEqual(nothing)
    expect(scoreRanking(wanting(['a']), [...Array.from({ length: 10 }, (_, i) => `x${i}`), 'a'])).toEqual(nothing)
  })

  it('discounts a tool by its place', () => {
    const { ndcg10, mrr, recall1, recall3 } = scoreRanking(wanting(['a']), ['x', 'a'])
    expect(ndcg10).toBeCloseTo(1 / Math.log2(3))
    expect([mrr, recall1, recall3]).toEqual([0.5, 0, 1])
  })

  it('counts interchangeable tools once', () => {
    const { recall3, ndcg10 } = scoreRanking(wanting(['a', 'b'], ['c']), ['a', 'b', 'x'])
    expect(recall3).toBe(0.5)
    expect(ndcg10).toBeCloseTo(1 / (1 + 1 / Math.log2(3)))
  })
})

describe('meanScore', () => {
  it('is the mean of each figure', () => {
    const scores = [scoreRanking(wanting(['a']), ['a']), scoreRanking(wanting(['a']), ['x', 'a'])]
    expect(meanScore(scores)).toMatchObject({ recall1: 0.5, recall3: 1, mrr: 0.75 })
  })
})
