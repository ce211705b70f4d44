import { describe, expect, it } from 'vitest'
import type { Message } from '../../support/fake-servers.ts'
import { isKept } from '../promises.ts'
import { OutcomeBooks } from './outcome-books.ts'

const failed = (data?: Record<string, unknown>): Message => ({
  error: { code: -32000, message: 'gone', ...(data && { data }) },
})

/** What is found broken where these calls were told so and the server executed these. */
function brokenWith(told: Record<string, Message>, executed: string[]): string[] {
  const books = new OutcomeBooks()
  for (const [token, message] of Object.entries(told)) {
    books.made(token)
    books.settled(token, message)
  }
  return books
    .promises(executed)
    .filter((promise) => !isKept(promise))
    .map(({ what }) => what)
}

describe('the books of outcomes', () => {
  it('find nothing wrong where everybody was told what happened', () => {
    const told = {
      a: { result: { token: 'a' } },
      b: failed({ delivered: 'no' }),
      c: failed({ delivered: 'unknown' }),
      d: failed({ delivered: 'unknown' }),
      e: failed({ delivered: 'yes' }),
    }
    expect(brokenWith(told, ['a', 'c', 'e'])).toEqual([])
  })

  it.each([
    ['calls executed twice', { a: failed({ delivered: 'unknown' }) }, ['a', 'a']],
    ['said not to be delivered, yet executed', { a: failed({ delivered: 'no' }) }, ['a']],
    ['said to be answered or delivered, yet not executed', { a: { result: { token: 'a' } } }, []],
    ['said to be answered or delivered, yet not executed', { a: failed({ delivered: 'yes' }) }, []],
    ['errors that do not say whether it was delivered', { a: failed() }, []],
    ['errors that do not say whether it was delivered', { a: { result: { token: 'b' } } }, []],
  ] as const)('find %s', (what, told, executed) => {
    expect(brokenWith(told, [...executed])).toEqual([what])
  })

  it('find calls without an outcome, and with two', () => {
    const books = new OutcomeBooks()
    books.made('a')
    books.unasked({ id: 1, result: {} })
    books.unasked({ method: 'notifications/message' })
    const broken = books.promises([]).filter((promise) => !isKept(promise))
    expect(broken.map(({ what, measured }) => [what, measured])).toEqual([
      ['calls without an outcome', 1],
      ['calls with two outcomes', 1],
    ])
    expect(books.counts()).toEqual({ none: 1 })
  })
})
