import { describe, expect, it } from 'vitest'
import { parseRetryAfter } from './retry-after.ts'

const MOST_MS = 30_000

describe('parseRetryAfter', () => {
  const now = Date.parse('2026-01-01T00:00:00Z')
  it.each([
    ['2', 2_000],
    ['0', 0],
    ['999999999999999999999', MOST_MS],
    ['Thu, 01 Jan 2026 00:00:05 GMT', 5_000],
    ['Thu, 01 Jan 2099 00:00:00 GMT', MOST_MS],
    ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
    ['soon', undefined],
    [undefined, undefined],
  ])('reads %j as %s', (header, expected) => {
    expect(parseRetryAfter(header, MOST_MS, now)).toBe(expected)
  })
})
