import * as fc from 'fast-check'

/** JSON text as it lies on the wire, a character for each byte (Latin-1), so that it need not be UTF-8. */
export type WireText = string

/** A member of an object: its name between quotes, and its value. */
export interface Member {
  readonly name: WireText
  readonly value: WireText
}

const toWire = (text: string): WireText => Buffer.from(text).toString('latin1')

// What parsing and printing would change: in precision, in sign, in spelling.
const NUMBERS = ['0', '-0', '1e400', '-1E+400', '1e-400', '12345678901234567890', '0.10', '1.0', '9007199254740993']
// Escapes that need not be, raw characters that some escape, half a surrogate pair, and bytes that are no UTF-8.
const PIECES = [
  '\\/',
  '\\u0000',
  '\\ud800',
  '\\uDC00\\uD83D',
  '\\u0022',
  '\\\\',
  '\\n',
  '\x7f',
  '\xff',
  '\xc3',
  '\xe2\x82',
]
const RAW_PIECES = ['\u2028', '🐦', '\uFEFF', 'ü', '\u202E'].map(toWire)
// Names that mean something to routing, at depths where they mean nothing.
const TEMPTING = [
  'id',
  'method',
  'params',
  'result',
  'error',
  '_meta',
  'progressToken',
  'requestId',
  'uri',
  '__proto__',
]
const LONGEST_STRING = 300_000
/** How many levels a frame may have. */
const MAX_LEVELS = 64

/** Whitespace as it may stand between tokens of one line. A carriage return ends a line for some readers; routing makes a space of it. */
export const blank = fc.constantFrom('', '', '', ' ', '\t', '  \t')

const text = fc
  .array(
    fc.oneof(
      fc
        .string({ unit: 'grapheme', maxLength: 6 })
        .map((characters) => toWire(JSON.stringify(characters).slice(1, -1))),
      fc.constantFrom(...PIECES, ...RAW_PIECES),
    ),
    { maxLength: 5 },
  )
  .map((pieces) => pieces.join(''))

/** A string that may need more than one read to arrive. */
const longText = fc.tuple(text, fc.nat(LONGEST_STRING)).map(([piece, length]) => {
  const unit = piece === '' ? 'x' : piece
  return unit.repeat(Math.ceil(length / unit.length))
})

const quoted = (characters: WireText): WireText => `"${characters}"`

/** As deep as a frame may be, and one less, where so many levels are around it. */
const deep = (around: number) =>
  fc.tuple(fc.nat(1), fc.boolean()).map(([less, isObject]) => {
    const [open, close] = isObject ? ['{"a":', '}'] : ['[', ']']
    const levels = MAX_LEVELS - around - less
    return `${open.repeat(levels - 1)}[]${close.repeat(levels - 1)}`
  })

const { any } = fc.letrec<{ any: WireText; array: WireText; object: WireText }>((tie) => ({
  any: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom('null', 'true', 'false', ...NUMBERS),
    text.map(quoted),
    tie('array'),
    tie('object'),
  ),
  array: fc
    .tuple(fc.array(tie('any'), { maxLength: 4 }), blank)
    .map(([items, space]) => `[${space}${items.join(`${space},`)}]`),
  object: fc
    .tuple(fc.array(fc.tuple(fc.oneof(text, fc.constantFrom(...TEMPTING)), tie('any')), { maxLength: 4 }), blank)
    .map(
      ([members, space]) => `{${members.map(([name, one]) => `${space}"${name}"${space}:${one}`).join(',')}${space}}`,
    ),
}))

/** Any JSON value, now and then a very long one or the deepest that may stand where it does: so many levels are around it. */
export function value(levelsAround: number): fc.Arbitrary<WireText> {
  return fc.oneof(
    { weight: 40, arbitrary: any },
    { weight: 2, arbitrary: deep(levelsAround) },
    { weight: 1, arbitrary: longText.map(quoted) },
  )
}

/** Members of whose names none means anything to routing. */
export function unknownMembers(levelsAround: number): fc.Arbitrary<Member[]> {
  const name = text.map((characters) => quoted(`x-${characters}`))
  return fc.array(fc.record({ name, value: value(levelsAround) }), { maxLength: 3 })
}

/** A request id or progress token: a string of at most 1,024 bytes or a safe integer, however it is spelt. */
export const token: fc.Arbitrary<WireText> = fc.oneof(
  fc.integer().map(String),
  fc.constantFrom('-0', '1e2', '1.0', '9007199254740991', '"\\u0031"', `"${'i'.repeat(1_022)}"`),
  text.map(quoted),
)

/** What a token is compared by: `1` and `"1"` differ, `1` and `1.0` do not. */
export function tokenKey(raw: WireText): string {
  const parsed: unknown = JSON.parse(Buffer.from(raw, 'latin1').toString())
  return `${typeof parsed} ${String(parsed)}`
}
