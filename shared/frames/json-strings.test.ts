import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { stringAt } from './json-strings.ts'

function read(json: string | Buffer): string {
  const bytes = Buffer.concat([Buffer.from('[ '), Buffer.from(json), Buffer.from(' ]')])
  return stringAt(bytes, 2, bytes.length - 2)
}

describe('stringAt', () => {
  it.each(['method', 'tools/call', 'get_weather', '', 'é', 'a\nb', '"', '\\', 'x'.repeat(200)])(
    'reads %j, again and again',
    (text) => {
      for (let time = 0; time < 3; time++) expect(read(JSON.stringify(text))).toBe(text)
    },
  )

  it('takes no text for another whose bytes look alike', () => {
    // Each has the length, the first and the last byte of the one before it.
    for (const text of ['abcd', 'axcd', 'a\\td', 'aéd', 'abcd']) expect(read(`"${text}"`)).toBe(JSON.parse(`"${text}"`))
    const invalid = Buffer.from([0x22, 0x61, 0xff, 0xfe, 0x64, 0x22])
    for (const bytes of [invalid, Buffer.from('"aÿþd"'), invalid])
      expect(read(bytes)).toBe(JSON.parse(bytes.toString('utf8')))
  })

  it('reads what JSON.parse reads', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (text) => {
        expect(read(JSON.stringify(text))).toBe(JSON.parse(JSON.stringify(text)))
      }),
    )
  })
})
