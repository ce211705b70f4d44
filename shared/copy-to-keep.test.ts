import { describe, expect, it } from 'vitest'
import { copyToKeep } from './copy-to-keep.ts'

describe('a copy to keep', () => {
  it('holds the bytes as they were, and no memory but for them', () => {
    const read = Buffer.from('one two three')
    const copy = copyToKeep(read.subarray(4, 7))
    read.fill(0)
    expect(copy.toString()).toBe('two')
    expect(copy.buffer.byteLength).toBe(3)
  })
})
