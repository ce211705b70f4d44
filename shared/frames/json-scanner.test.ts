import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_JSON_NESTING } from '../json-nesting.ts'
import { JsonScanner, JsonSyntaxError } from './json-scanner.ts'

const RUNS = 2_000

describe('JsonScanner', () => {
  it.each(
    '0 -0 12 -3 1.5 0.25 1e5 1E5 1e+5 1e-5 1.5e10 true false null "" "a" "\\"" "\\\\" "\\/" "\\b\\f\\n\\r\\t" "\\u00e9" "\\uABCD" [] {} [1,2] [[],{}] {"a":{}} {"a":[1,{"b":2}],"c":3}'.split(
      ' ',
    ),
  )('accepts %s', (text) => {
    expect(scan(text)).toEqual({ start: 0, end: Buffer.byteLength(text) })
  })

  it.each([
    ...'- 01 +1 1. .5 1.e5 1e 1e+ 0x1 1a tru truE nul True NaN " "a "\\" "\\x" "\\u12" "\\u12g4" "\\u000/" "\\u000:" "\\u000@" "\\u00G0" "\\u0`00" "\\u [ ] { } [1 [1, [,1] [1,] [1;2] {"a" {"a": {"a":} {"a":1 {"a":1, {"a":1,} {a:1} {1:1} {"a"1} {"a":1}} [1}] {"a":1] [1} 1,2 1}'.split(
      ' ',
    ),
    '"\n"',
    '"\u0000"',
    '"\u001f"',
    '"tab\t"',
    '',
    ' ',
    '\u00a01',
    '\ufeff{}',
    '\u000b1',
    '1 2',
  ])('refuses %j', (text) => {
    expect(() => scan(text)).toThrow(JsonSyntaxError)
  })

  it('says at which byte the JSON ends', () => {
    expect(() => scan('{"a":x}')).toThrow(new JsonSyntaxError('not JSON from byte 5'))
    expect(() => scan('{"é":x}')).toThrow('not JSON from byte 6')
  })

  it('leaves out the whitespace around a value', () => {
    expect(scan(' \t\r\n [ 1 , 2 ] \n')).toEqual({ start: 5, end: 14 })
  })

  it.each([
    ['[1,2]', false],
    ['"\\n"', false],
    [' \t[1]', false],
    ['[1,\n2]', true],
    ['\r[1]', true],
    ['[1]\n', true],
  ])('tells of line breaks between tokens: %j', (text, expected) => {
    const scanner = new JsonScanner(Buffer.from(text))
    scanner.value()
    scanner.end()
    expect(scanner.hasLineBreaks).toBe(expected)
  })

  it('counts nesting up to its limit, objects and arrays alike', () => {
    expect(isTooDeep(nested(MAX_JSON_NESTING))).toBe(false)
    expect(isTooDeep(nested(MAX_JSON_NESTING + 1))).toBe(true)
    expect(isTooDeep('{"a":'.repeat(MAX_JSON_NESTING) + 1 + '}'.repeat(MAX_JSON_NESTING))).toBe(false)
    expect(isTooDeep('{"a":'.repeat(MAX_JSON_NESTING + 1) + 1 + '}'.repeat(MAX_JSON_NESTING + 1))).toBe(true)
    expect(isTooDeep(`[${`${nested(MAX_JSON_NESTING - 1)},`.repeat(3)}0]`)).toBe(false)
    expect(isTooDeep(`[${`{"a":${nested(MAX_JSON_NESTING - 2)}},`.repeat(3)}0]`)).toBe(false)
  })

  it('counts nesting from where it is, not from what it has left', () => {
    const left = '[[1]],{"a":[2]},'.repeat(40)
    expect(isTooDeep(`[${left}${nested(MAX_JSON_NESTING - 1)}]`)).toBe(false)
    expect(isTooDeep(`[${left}${nested(MAX_JSON_NESTING)}]`)).toBe(true)
  })

  it('counts the objects it was led into', () => {
    expect(isTooDeepInside(MAX_JSON_NESTING - 2, MAX_JSON_NESTING - 1)).toBe(false)
    expect(isTooDeepInside(MAX_JSON_NESTING - 1, 1)).toBe(true)
    expect(isTooDeepInside(1, MAX_JSON_NESTING)).toBe(true)
  })

  it('passes over what lies too deep by its brackets and goes on after it', () => {
    const text = `[${nested(100)},{"]":"}\\"["},7]`
    const scanner = new JsonScanner(Buffer.from(text))
    expect(scanner.value()).toEqual({ start: 0, end: text.length })
    const deep = `${'['.repeat(70)}"]]\\"",{"}":[2]}${']'.repeat(70)}`
    expect(isTooDeep(deep)).toBe(true)
    expect(() => scan(deep.slice(0, -7))).toThrow(JsonSyntaxError)
    expect(() => scan(`${deep}]`)).toThrow(JsonSyntaxError)
  })

  it('takes a million levels without a stack', () => {
    expect(isTooDeep(nested(1_000_000))).toBe(true)
    expect(() => scan('['.repeat(1_000_000))).toThrow(JsonSyntaxError)
  })

  it('gives the names of an object unescaped, in order', () => {
    const names: string[] = []
    const scanner = new JsonScanner(Buffer.from(' { "a" : 1 , "\\u0069d" : {"x":[1]} , "" : "y" } '))
    const span = scanner.object((name) => {
      names.push(name)
      scanner.value()
    })
    scanner.end()
    expect(names).toEqual(['a', 'id', ''])
    expect(span).toEqual({ start: 1, end: 47 })
  })

  it('reads an empty object', () => {
    const scanner = new JsonScanner(Buffer.from('{ }'))
    expect(scanner.isAtObject()).toBe(true)
    expect(scanner.isAtArray()).toBe(false)
    expect(scanner.object(() => expect.unreachable())).toEqual({ start: 0, end: 3 })
  })

  it('reads the elements of an array, in order', () => {
    const spans: unknown[] = []
    const scanner = new JsonScanner(Buffer.from(' [ 1 , {"a":[2]} , [] ] '))
    expect(scanner.array(() => spans.push(scanner.value()))).toEqual({ start: 1, end: 23 })
    scanner.end()
    expect(spans).toEqual([
      { start: 3, end: 4 },
      { start: 7, end: 16 },
      { start: 19, end: 21 },
    ])
  })

  it('reads an empty array, and refuses where none is', () => {
    expect(new JsonScanner(Buffer.from('[ ]')).array(() => expect.unreachable())).toEqual({ start: 0, end: 3 })
    expect(() => new JsonScanner(Buffer.from('{}')).array(() => undefined)).toThrow(JsonSyntaxError)
    const torn = new JsonScanner(Buffer.from('[1'))
    expect(() => torn.array(() => torn.value())).toThrow(JsonSyntaxError)
  })

  it('counts the levels of objects and arrays that are read member by member', () => {
    const scanner = new JsonScanner(Buffer.from(nested(MAX_JSON_NESTING)))
    const element = () => void (scanner.isAtArray() ? scanner.array(element) : scanner.value())
    element()
    expect(scanner.isTooDeep).toBe(false)
    const deeper = new JsonScanner(Buffer.from(`[[${nested(MAX_JSON_NESTING - 1)}]]`))
    deeper.array(() => deeper.array(() => deeper.value()))
    expect(deeper.isTooDeep).toBe(true)
    const siblings = new JsonScanner(Buffer.from(`[[1],[1],${nested(MAX_JSON_NESTING - 1)}]`))
    siblings.array(() => void siblings.array(() => siblings.value()))
    expect(siblings.isTooDeep).toBe(false)
  })

  it('refuses to read an object where none is', () => {
    const scanner = new JsonScanner(Buffer.from('[]'))
    expect(scanner.isAtArray()).toBe(true)
    expect(scanner.isAtObject()).toBe(false)
    expect(() => scanner.object(() => undefined)).toThrow(JsonSyntaxError)
    const unopened = new JsonScanner(Buffer.from('"a":1}'))
    expect(() => unopened.object(() => void unopened.value())).toThrow('not JSON from byte 0')
  })

  it('finds the end of a long string wherever its bytes are aligned', () => {
    for (let offset = 0; offset < 8; offset++) {
      for (const length of lengthsAround(70, 580, 2_000)) {
        for (const inside of ['a', 'é', '!', '#', '[', ']']) {
          const text = `"${inside.repeat(length)}"`
          const padded = Buffer.from(`${' '.repeat(offset)}${text}rest`)
          const scanner = new JsonScanner(padded.subarray(offset, -4))
          expect(scanner.value().end).toBe(Buffer.byteLength(text))
          expect(() => scanner.end()).not.toThrow()
        }
      }
    }
  })

  it.each(['\u0000', '\u001f', '\n', '\\x', '"'])('sees %j wherever it stands in a long string', (special) => {
    for (const at of lengthsAround(70, 580, 2_000)) {
      const text = `"${'a'.repeat(at)}${special}${'b'.repeat(2_100 - at)}"`
      expect(() => scan(text)).toThrow(JsonSyntaxError)
    }
  })

  it('reads on after escapes, near or far from each other', () => {
    for (const between of lengthsAround(12, 70, 580)) {
      const text = JSON.stringify(`${'a'.repeat(between)}"\u0001`.repeat(5))
      expect(scan(text)).toEqual({ start: 0, end: text.length })
      expect(() => scan(text.slice(0, -1))).toThrow(JsonSyntaxError)
    }
  })

  it('accepts invalid UTF-8 within strings and nowhere else', () => {
    const broken = Buffer.from([0xff, 0xc3, 0xed, 0xa0, 0x80])
    expect(scanBytes(Buffer.concat([Buffer.from('"'), broken, Buffer.from('"')]))).toEqual({ start: 0, end: 7 })
    expect(() => scanBytes(broken)).toThrow(JsonSyntaxError)
  })

  it('accepts all JSON', () => {
    fc.assert(
      fc.property(jsonText(), (text) => {
        expect(scan(text).end).toBeGreaterThan(0)
      }),
      { numRuns: RUNS },
    )
  })

  it('accepts and refuses just what JSON.parse does, of whatever bytes', () => {
    fc.assert(
      fc.property(mutatedJson(), (bytes) => {
        expect(accepts(() => scanBytes(bytes))).toBe(accepts(() => JSON.parse(bytes.toString('utf8'))))
      }),
      { numRuns: RUNS * 5 },
    )
  })
})

function scan(text: string) {
  return scanBytes(Buffer.from(text))
}

function scanBytes(bytes: Buffer) {
  const scanner = new JsonScanner(bytes)
  const span = scanner.value()
  scanner.end()
  return span
}

function isTooDeep(text: string): boolean {
  const scanner = new JsonScanner(Buffer.from(text))
  scanner.value()
  scanner.end()
  return scanner.isTooDeep
}

/** The same of arrays nested in `{"a":{"b":…},"c":…}`, read object by object. */
function isTooDeepInside(levelsInA: number, levelsInC: number): boolean {
  const scanner = new JsonScanner(Buffer.from(`{"a":{"b":${nested(levelsInA)}},"c":${nested(levelsInC)}}`))
  const passOver = () => void scanner.value()
  scanner.object((name) => void (name === 'a' ? scanner.object(passOver) : passOver()))
  return scanner.isTooDeep
}

function nested(levels: number): string {
  return '['.repeat(levels) + ']'.repeat(levels)
}

function accepts(parse: () => unknown): boolean {
  try {
    parse()
    return true
  } catch (thrown) {
    if (thrown instanceof JsonSyntaxError || thrown instanceof SyntaxError) return false
    throw thrown
  }
}

// Where longer parts of a string are read in another way, and a few on either side.
function lengthsAround(...places: readonly number[]): number[] {
  return places.flatMap((place) => Array.from({ length: 24 }, (_, index) => place - 12 + index))
}

function jsonText(): fc.Arbitrary<string> {
  const values = fc.jsonValue({
    maxDepth: 5,
    stringUnit: fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('"', '\\', '\n')),
  })
  const long = fc.string({ unit: 'binary', minLength: 60, maxLength: 1_500, size: 'max' })
  return fc
    .tuple(
      fc.oneof({ weight: 4, arbitrary: values }, { weight: 1, arbitrary: long }),
      fc.constantFrom(undefined, 1, '\t'),
    )
    .map(([value, space]) => JSON.stringify(value, undefined, space))
}

function mutatedJson(): fc.Arbitrary<Buffer> {
  const token = fc.constantFrom(...'{}[]",:\\0123456789.eE+-tfnu \n\t\u0001/a'.split(''), '\\u', 'true', 'null', '""')
  const bytes = fc.oneof(
    token.map((text) => Buffer.from(text)),
    fc.uint8Array({ maxLength: 2 }).map((some) => Buffer.from(some)),
  )
  const edit = fc.record({ at: fc.nat(), remove: fc.nat({ max: 3 }), insert: bytes })
  return fc.tuple(jsonText(), fc.array(edit, { maxLength: 3 })).map(([text, edits]) => {
    return edits.reduce((json, { at, remove, insert }) => {
      const start = at % (json.length + 1)
      return Buffer.concat([json.subarray(0, start), insert, json.subarray(start + remove)])
    }, Buffer.from(text))
  })
}
