/** A point that a line is laid through. */
export type Point = readonly [x: number, y: number]

/** The line that lies nearest to some points: how much y grows with each x, and by how much that may be off either way (95 %). */
export interface FittedLine {
  readonly slope: number
  readonly margin: number
}

/** The 97.5th percentile of the normal distribution. */
const NORMAL_97_5 = 1.959964

/** Fits a line by least squares. The slope is NaN for fewer than two points, its margin for fewer than three. */
export function fitLine(points: readonly Point[]): FittedLine {
  const mean = (of: (point: Point) => number) => points.reduce((sum, point) => sum + of(point), 0) / points.length
  const meanX = mean(([x]) => x)
  const meanY = mean(([, y]) => y)
  const varianceX = mean(([x]) => (x - meanX) ** 2)
  const slope = mean(([x, y]) => (x - meanX) * (y - meanY)) / varianceX
  const degrees = points.length - 2
  const residualVariance = mean(([x, y]) => (y - meanY - slope * (x - meanX)) ** 2) / degrees
  return { slope, margin: studentT(degrees) * Math.sqrt(residualVariance / varianceX) }
}

/** The 97.5th percentile of Student's t, by its expansion around the normal distribution: within 0.2 % from 5 degrees of freedom on. */
function studentT(degrees: number): number {
  const z = NORMAL_97_5
  const first = (z ** 3 + z) / 4
  const second = (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96
  const third = (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384
  return z + first / degrees + second / degrees ** 2 + third / degrees ** 3
}
