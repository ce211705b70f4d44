import { describe, expect, it } from 'vitest'
import { parseSearchRequest } from './search-request.ts'

describe('the body of a search', () => {
  it.each([
    [{ query: 'a' }, { query: 'a', limit: 10 }],
    [
      { query: '', limit: 2.9, more: 1 },
      { query: '', limit: 2 },
    ],
    [
      { query: 'a', limit: 100 },
      { query: 'a', limit: 100 },
    ],
  ])('%j is read', (body, request) => {
    expect(parseSearchRequest(body)).toEqual(request)
  })

  it.each([
    [null, 'The body'],
    [['a'], 'The body'],
    [{}, 'query'],
    [{ query: 1 }, 'query'],
    [{ query: 'a', limit: 0.9 }, 'limit'],
    [{ query: 'a', limit: 101 }, 'limit'],
    [{ query: 'a', limit: '5' }, 'limit'],
    [{ query: 'a', limit: null }, 'limit'],
  ])('%j is refused, with the place', (body, place) => {
    expect(parseSearchRequest(body)).toMatch(new RegExp(`^${place}\\b`))
  })
})
