/** What tells the words of a text apart, in the letters that the text is written in. */
export interface Alphabet {
  isAscii: boolean
  /** Letters and digits with nothing between them. */
  runs: RegExp
  /** A run that can have a border inside. */
  mayHaveBorder: RegExp
  /** The borders inside an identifier: camelCase, the end of an acronym (HTTPServer, yet not URLs), letter beside digit (base64). */
  border: RegExp
  /** Two words written as one name, such as "GitHub". */
  twoPartName: RegExp
  /** Looks like a name and not like a word: joined (`read_file`, `fs/read`, `get-sum`), or with a capital or digit inside (`readFile`). */
  identifier: RegExp
  /** "user's" is the user. */
  possessive: RegExp
  /** "don't" is one word. */
  apostrophe: RegExp
  /** What stands in quotes. */
  quoted: RegExp
  /** A word that begins with a capital. */
  name: RegExp
  /** A word in small letters. */
  thing: RegExp
  /** A character of a language that is written without spaces between words. */
  unspaced?: RegExp
  /** Where such characters begin and end. */
  unspacedBorder?: RegExp
}

const ASCII_ONLY = /^[\0-\x7f]*$/

let ascii: Alphabet | undefined
let unicode: Alphabet | undefined

/** The alphabet of a text: all letters there are, or those of ASCII alone, which are made ready and told apart in far less time. */
export function alphabetOf(text: string): Alphabet {
  if (ASCII_ONLY.test(text)) return (ascii ??= createAlphabet({ upper: 'A-Z', lower: 'a-z', digit: '0-9' }))
  return (unicode ??= createUnicodeAlphabet())
}

/** Members of a character class. */
interface Letters {
  upper: string
  lower: string
  digit: string
  letter?: string
  /** What belongs to the letter before it. */
  mark?: string
  flags?: string
}

function createAlphabet({ upper, lower, digit, letter = upper + lower, mark = '', flags = '' }: Letters): Alphabet {
  const pattern = (source: string, more = '') => new RegExp(source, flags + more)
  const borders = [
    `(?<=[${lower}])(?=[${upper}])`,
    `(?<=[${upper}])(?=[${upper}][${lower}])(?![${upper}]s(?![${letter}]))`,
    `(?<=[${digit}])(?=[${letter}])`,
    `(?<=[${letter}])(?=[${digit}])`,
  ]
  const joined = `[${letter}${digit}][_\\-./:][${letter}${digit}]`
  return {
    isAscii: flags === '',
    runs: pattern(`[${letter}${digit}${mark}]+`, 'g'),
    mayHaveBorder: pattern(`[${upper}${digit}]`),
    border: pattern(borders.join('|')),
    twoPartName: pattern(`^[${upper}][${lower}]+[${upper}]([${lower}]+|[${upper}]+)$`),
    identifier: pattern(`${joined}|[${lower}][${upper}]|[${letter}][${digit}]`),
    possessive: pattern(`['’]s(?![${letter}${digit}])`, 'g'),
    apostrophe: pattern(`(?<=[${letter}])['’](?=[${letter}])`, 'g'),
    quoted: pattern(`(?<![${letter}${digit}])["“‘'\`]([^"“”‘’'\`]{1,80})["”’'\`](?![${letter}${digit}])`, 'g'),
    name: pattern(`^[${upper}]`),
    thing: pattern(`^[${lower}]+$`),
  }
}

function createUnicodeAlphabet(): Alphabet {
  const unspaced = '[\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Hangul}ー]'
  return {
    ...createAlphabet({
      upper: '\\p{Lu}',
      lower: '\\p{Ll}',
      digit: '\\p{N}',
      letter: '\\p{L}',
      mark: '\\p{M}',
      flags: 'u',
    }),
    unspaced: new RegExp(unspaced, 'u'),
    unspacedBorder: new RegExp(`(?<=${unspaced})(?!${unspaced})|(?<!${unspaced})(?=${unspaced})`, 'u'),
  }
}
