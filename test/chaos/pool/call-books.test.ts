import { describe, expect, it } from 'vitest'
import { CallBooks, createCallTally } from './call-books.ts'

function booksOf(...sent: ReadonlyArray<readonly [string | number, string]>) {
  const tally = createCallTally()
  const books = new CallBooks(tally)
  for (const [id, token] of sent) books.sent(id, token)
  return { tally, books }
}

const answer = (id: string | number, token: string) => ({ id, result: { token } })

describe('the books of a client', () => {
  it('close a call with its own answer', () => {
    const { tally, books } = booksOf([1, 'a'], ['1', 'b'], [0, 'c'])
    expect([answer('1', 'b'), answer(0, 'c'), answer(1, 'a')].map((one) => books.answered(one))).toEqual([
      true,
      true,
      true,
    ])
    expect(tally).toEqual({ ...createCallTally(), answered: 3 })
  })

  it('take an answer under an id of another type, of another call, or of nobody for a wrong one', () => {
    const { tally, books } = booksOf([1, 'a'], ['1', 'b'])
    const wrong = [answer('1', 'a'), answer(1, 'b'), answer(0, 'a'), { id: 1, result: {} }]
    expect(wrong.map((one) => books.answered(one))).toEqual([false, false, false, false])
    expect(tally).toMatchObject({ wrong: 4, answered: 0 })
  })

  it('see a second answer, also when the id was used again', () => {
    const { tally, books } = booksOf([1, 'a'])
    books.answered(answer(1, 'a'))
    books.answered(answer(1, 'a'))
    books.sent(1, 'b')
    books.answered(answer(1, 'a'))
    expect(tally).toMatchObject({ answered: 1, answeredTwice: 2, wrong: 0 })
  })

  it('want no answer to a call that was settled as cancelled', () => {
    const { tally, books } = booksOf([1, 'a'], [0, 'b'])
    books.settledCancelled(1)
    books.answered(answer(0, 'b'))
    books.settledCancelled(0)
    books.answered(answer(1, 'a'))
    expect(tally).toMatchObject({ cancelled: 1, answered: 1, wrong: 1 })
  })

  it('keep errors apart, which close their calls', () => {
    const { tally, books } = booksOf([1, 'a'])
    expect(books.answered({ id: 1, error: { code: -32000, message: 'gone' } })).toBe(true)
    expect(tally.errors).toEqual(['{"code":-32000,"message":"gone"}'])
  })

  it('want progress of calls in flight alone', () => {
    const { tally, books } = booksOf([1, 'a'])
    const progress = (progressToken: unknown) => books.progressed({ params: { progressToken, message: 'a' } })
    progress(1)
    expect(tally.wrongProgress).toBe(0)
    progress('1')
    books.answered(answer(1, 'a'))
    progress(1)
    expect(tally.wrongProgress).toBe(2)
  })
})
