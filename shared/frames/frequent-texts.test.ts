import { describe, expect, it } from 'vitest'
import { frequentText } from './frequent-texts.ts'

describe('frequentText', () => {
  const bytes = Buffer.from('{"method":"tools/call"}')

  it('reads a text that frames have all the time', () => {
    expect(frequentText(bytes, 2, 8)).toBe('method')
    expect(frequentText(bytes, 11, 21)).toBe('tools/call')
  })

  it.each([
    ['is another', 3, 9],
    ['is longer than any', 0, 23],
    ['has a length of its own', 0, 1],
    ['is empty', 4, 4],
  ])('leaves a text alone that %s', (_, start, end) => {
    expect(frequentText(bytes, start, end)).toBeUndefined()
  })
})
