import { describe, expect, it } from 'vitest'
import { fitLine } from './least-squares.ts'

describe('a line through points', () => {
  it('is the one they lie on, for sure', () => {
    const line = fitLine([
      [1, 5],
      [2, 7],
      [4, 11],
    ])
    expect(line.slope).toBeCloseTo(2)
    expect(line.margin).toBeCloseTo(0)
  })

  it('is the one between them', () => {
    const { slope } = fitLine([
      [0, 1],
      [1, -1],
      [2, 1],
      [3, -1],
    ])
    expect(slope).toBeCloseTo(-0.4)
  })

  it('is as sure as textbooks have it', () => {
    // Height and weight of fifteen women, as in R's `women`: confint(lm(weight ~ height)) is 3.253 to 3.647.
    const weights = [115, 117, 120, 123, 126, 129, 132, 135, 139, 142, 146, 150, 154, 159, 164]
    const { slope, margin } = fitLine(weights.map((weight, index) => [58 + index, weight]))
    expect(slope).toBeCloseTo(3.45, 2)
    expect(margin).toBeCloseTo(0.197, 2)
  })

  it('is nothing without two of them', () => {
    expect(fitLine([]).slope).toBeNaN()
    expect(fitLine([[1, 1]]).slope).toBeNaN()
  })
})
