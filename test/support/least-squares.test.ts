import { describe, expect, it } from 'vitest'
import { slopeOf } from './least-squares.ts'

describe('the slope of points', () => {
  it('is that of the line they lie on', () => {
    expect(
      slopeOf([
        [1, 5],
        [2, 7],
        [4, 11],
      ]),
    ).toBeCloseTo(2)
  })

  it('is that of the line between them', () => {
    expect(
      slopeOf([
        [0, 1],
        [1, -1],
        [2, 1],
        [3, -1],
      ]),
    ).toBeCloseTo(-0.4)
  })

  it('is nothing without two of them', () => {
    expect(slopeOf([])).toBeNaN()
    expect(slopeOf([[1, 1]])).toBeNaN()
  })
})
