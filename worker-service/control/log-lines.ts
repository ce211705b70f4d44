import { InvalidInput } from './invalid-input.ts'

/** How many lines of a log are given. */
export const LINES = { byDefault: 50, max: 1_000 } as const

/** So many lines of a log as are asked for. Throws InvalidInput where that is more than are given. */
export function checkedLines(count: number = LINES.byDefault): number {
  if (count <= LINES.max) return count
  const msg = `Input should be less than or equal to ${LINES.max}`
  throw new InvalidInput({
    type: 'less_than_equal',
    loc: ['query', 'lines'],
    msg,
    input: String(count),
    ctx: { le: LINES.max },
  })
}
