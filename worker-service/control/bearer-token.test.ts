import { describe, expect, it } from 'vitest'
import { createTokenCheck } from './bearer-token.ts'

const LONG = 'x'.repeat(3_000)

describe('the check of a token', () => {
  it.each(['t', 'tök€n', LONG])('lets the header with the token %s pass, each time', (token) => {
    const check = createTokenCheck(token)
    for (let time = 0; time < 2; time++) expect(() => check(`Bearer ${token}`)).not.toThrow()
  })

  it.each(['bearer', 'BEARER', 'bEaReR'])('knows its scheme written as %s', (scheme) => {
    expect(() => createTokenCheck('s3cret')(`${scheme} s3cret`)).not.toThrow()
    expect(() => createTokenCheck('s3cret')(`${scheme} S3CRET`)).toThrow('A token is needed')
  })

  it.each([
    undefined,
    '',
    'Bearer',
    'Bearer ',
    'Bearer s3cre',
    'Bearer s3cret ',
    'Bearer s3creT',
    'bearer  s3cret',
    'bearers s3cret',
    'bearer bearer s3cret',
    'Bearer s3cret\0',
    'Basic s3cret',
    's3cret',
    `Bearer s3cret${LONG}`,
    LONG,
  ])('refuses the header %j, also behind the right one', (header) => {
    const check = createTokenCheck('s3cret')
    for (let time = 0; time < 2; time++) {
      expect(() => check(header)).toThrow(expect.objectContaining({ code: 'unauthenticated' }))
      check('Bearer s3cret')
    }
  })

  it('refuses one that differs in what comes last of a long token', () => {
    const check = createTokenCheck(LONG)
    expect(() => check(`Bearer ${LONG.slice(0, -1)}y`)).toThrow('A token is needed')
  })
})
