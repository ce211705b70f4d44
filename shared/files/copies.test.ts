import { describe, expect, it } from 'vitest'
import { fromCopies, toCopies } from './copies.ts'

const BYTES = Uint8Array.of(1, 2, 3, 4, 5)

describe('bytes twice', () => {
  it.each([[BYTES], [Uint8Array.of()]])('are the bytes again: %s', (bytes) => {
    expect([...(fromCopies(toCopies(bytes)) ?? [])]).toEqual([...bytes])
  })

  it('are seen to be damaged wherever one of them is another', () => {
    const copies = toCopies(BYTES)
    for (const [place, byte] of copies.entries()) {
      expect(fromCopies(copies.with(place, byte ^ 1))).toBeUndefined()
    }
  })

  it.each([1, 4, 5, 9])('are seen to be torn after %i bytes', (length) => {
    expect(fromCopies(toCopies(BYTES).subarray(0, length))).toBeUndefined()
  })
})
