import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { evaluate, type Result, type SetResults } from './evaluate.ts'
import { createHybridMethod } from './hybrid-method.ts'
import { type LabelledSet, readSet } from './labelled-set.ts'
import { METHODS, type Method } from './methods.ts'

const FIGURES = ['ndcg10', 'mrr', 'recall1', 'recall3', 'recall5', 'recall10'] as const

let set: LabelledSet
let results: SetResults

beforeAll(async () => {
  set = await readSet(join(import.meta.dirname, 'golden'))
  results = evaluate(set, METHODS[0] as Method)
})

function partsOf({ all, tuned, heldOut, kinds }: SetResults): Record<string, Result> {
  return { all, tuned, heldOut, ...kinds }
}

describe('the ranking on the golden set', () => {
  it('puts every name first, and finds what a beginning means', () => {
    expect(results.kinds.exact?.score.recall1).toBe(1)
    expect(results.kinds.prefix?.score.ndcg10).toBe(1)
  })

  // A little below what it reaches, so that a change for the worse shows and one without meaning does not.
  it.each([
    ['paraphrase', 0.85],
    ['several', 0.93],
    ['typo', 0.93],
    ['foreign', 0.9],
  ])('has an NDCG@10 for queries of the kind %s of at least %d', (kind, least) => {
    expect(results.kinds[kind]?.score.ndcg10).toBeGreaterThanOrEqual(least)
  })

  it('leaves an answer empty where no tool fits, and hardly ever where one does', () => {
    expect(results.all.abstention?.precision).toBeGreaterThanOrEqual(0.9)
    expect(results.all.abstention?.recall).toBeGreaterThanOrEqual(0.8)
  })

  it('is far better than plain BM25 and MiniSearch on either half', () => {
    for (const other of METHODS.slice(1)) {
      const { tuned, heldOut } = evaluate(set, other)
      expect(results.tuned.score.ndcg10 - tuned.score.ndcg10).toBeGreaterThan(0.1)
      expect(results.heldOut.score.ndcg10 - heldOut.score.ndcg10).toBeGreaterThan(0.1)
    }
  })
})

describe('the ranking by words and meaning on the golden set, with character n-grams for a model', () => {
  let hybrid: SetResults

  beforeAll(async () => {
    hybrid = evaluate(set, await createHybridMethod(set, undefined))
  })

  it.each(FIGURES)('has a %s that is not worse, neither in all nor on a half nor for any kind', (figure) => {
    const byWords = partsOf(results)
    const worse = Object.entries(partsOf(hybrid)).filter(([part, { score }]) => {
      return score[figure] < (byWords[part]?.score[figure] ?? Infinity)
    })
    expect(worse).toEqual([])
  })

  it('leaves empty the same answers', () => {
    expect(hybrid.all.abstention).toEqual(results.all.abstention)
  })

  it('puts every name first', () => {
    expect(hybrid.kinds.exact?.score.recall1).toBe(1)
  })
})
