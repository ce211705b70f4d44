import { describe, expect, it } from 'vitest'
import { PLAIN } from '../paint.ts'
import { renderResults } from './render-results.ts'

const RESULTS = {
  fronts: { count: 5, bytes: 100e6 },
  worker: { count: 1, bytes: 90e6 },
  guards: { count: 5, bytes: 10e6 },
  servers: { count: 10, bytes: 300e6 },
  copies: { count: 50, bytes: 1_500e6 },
}

describe('the table of memory of several editors', () => {
  it('compares the copies with all that stands in their place', () => {
    expect(renderResults(RESULTS, PLAIN)).toEqual([
      ' 5 editors × 10 servers                  processes   to shared   memory (PSS)   to shared',
      ' ----------------------------------------------------------------------------------------',
      ' pilot mcp, one for each editor                  5                     100 MB',
      ' worker                                          1                    90.0 MB',
      ' what ends servers with the worker               5                    10.0 MB',
      ' servers                                        10                     300 MB',
      ' shared, in all                                 21       1.00×         500 MB       1.00×',
      ' a copy of each server for each editor          50       2.38×        1.50 GB       3.00×',
    ])
  })
})
