/** The score of a tool that was named. */
export const NAMED_SCORE = 100
const MAX_UNNAMED_SCORE = 99
// Puts 50 where right tools and the best of catalogues that have no right one part.
const SCORE_BASE = 8.5

/** The score, 0..99, of a tool that was not named: 50 for a third of what would be a full match, 88 for a full one, and more is always higher. */
export function toScore(match: number): number {
  return Math.min(Math.round(1_000 * (1 - SCORE_BASE ** -match)) / 10, MAX_UNNAMED_SCORE)
}

/** How good a match has that score; none has one above 99. */
export function toMatch(score: number): number {
  return score > MAX_UNNAMED_SCORE ? Infinity : -Math.log(1 - score / 100) / Math.log(SCORE_BASE)
}
