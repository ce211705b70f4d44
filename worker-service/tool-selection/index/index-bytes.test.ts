import { describe, expect, it } from 'vitest'
import { fingerprint } from '../../../shared/fingerprint.ts'
import { SAMPLE_SERVERS, sampleServer, sampleTool } from '../../../test/fixtures/sample-servers.ts'
import { fromIndexBytes, toIndexBytes, UnreadableIndex } from './index-bytes.ts'
import { buildIndexParts, buildToolIndex, toToolIndex } from './tool-index.ts'

const PARTS = buildIndexParts(SAMPLE_SERVERS)
const BYTES = toIndexBytes(PARTS, 'key')

function changed(change: (bytes: Uint8Array) => Uint8Array | void): Uint8Array {
  const copy = Uint8Array.from(BYTES)
  return change(copy) ?? copy
}

describe('an index in bytes', () => {
  it('is the same index again, under its key', () => {
    const { key, parts } = fromIndexBytes(BYTES)
    expect(key).toBe('key')
    expect(parts).toEqual(PARTS)
    expect(toToolIndex(parts, SAMPLE_SERVERS)).toEqual(buildToolIndex(SAMPLE_SERVERS))
  })

  it.each([
    ['nothing at all', []],
    ['a tool without words', [sampleServer('', [sampleTool('', '')])]],
    ['words beyond ASCII', [sampleServer('größe', [sampleTool('ファイルを読む', 'Читать файл 𝒜')])]],
  ])('can be of %s', (_, servers) => {
    const parts = buildIndexParts(servers)
    expect(fromIndexBytes(toIndexBytes(parts, 'ключ')).parts).toEqual(parts)
  })

  it('is read wherever its bytes begin', () => {
    for (let offset = 0; offset < 8; offset++) {
      const shifted = new Uint8Array(BYTES.length + offset).subarray(offset)
      shifted.set(BYTES)
      expect(fromIndexBytes(shifted).parts).toEqual(PARTS)
    }
  })

  it('is not read when any byte of it is another', () => {
    for (let place = 0; place < BYTES.length; place++) {
      const damaged = changed((bytes) => {
        bytes[place] = (bytes[place] ?? 0) ^ 0x40
      })
      expect(() => fromIndexBytes(damaged)).toThrow(UnreadableIndex)
    }
  })

  it.each<[string, (bytes: Uint8Array) => Uint8Array]>([
    ['empty', () => new Uint8Array()],
    ['shorter than its header', (bytes) => bytes.subarray(0, 10)],
    ['torn', (bytes) => bytes.subarray(0, bytes.length / 2)],
    ['a word longer', (bytes) => Uint8Array.from([...bytes, 0, 0, 0, 0])],
    ['zeroed from the middle on', (bytes) => bytes.fill(0, bytes.length / 2)],
    ['a text', () => Buffer.from('{"format":1,"kind":"listing"}')],
  ])('is not read when it is %s', (_, change) => {
    expect(() => fromIndexBytes(changed(change))).toThrow(UnreadableIndex)
  })

  // Whoever makes this fail has changed what indexes are made of: raise FORMAT in index-bytes.ts, or kept ones go on being used.
  it('has another format wherever something else is made of the same tools', () => {
    expect(fingerprint(Buffer.from(BYTES).toString('base64'))).toBe('47a258936b8c2a8a')
  })
})
