import { escapeUnsafe } from '../../../shared/escape-unsafe.ts'

const MAX_QUOTED_CHARACTERS = 200

// A page instead of a message: nothing in it is meant for the reader of an error.
const MARKUP = /<[a-z!/]/i
const URL_CREDENTIALS = /\/\/[^\s/@]*@/g
const WORDS = /\S+/g
// What is left of a secret that somebody else has masked: its beginning and end are there still.
const MASK = '***'

/**
 * The first line of a text from elsewhere, fit to stand in a message: without `secrets`, masked ones or credentials, escaped, at most
 * 200 characters. Undefined when nothing worth quoting is left.
 */
export function quoteUpstream(text: string, secrets: readonly string[]): string | undefined {
  const line =
    text
      .trimStart()
      .split(/[\r\n]/, 1)[0]
      ?.trimEnd() ?? ''
  if (line === '' || MARKUP.test(line)) return undefined
  let quote = line.toWellFormed().replace(URL_CREDENTIALS, '//')
  quote = quote.replace(WORDS, (word) => (word.includes(MASK) ? '[redacted]' : word))
  for (const secret of secrets) quote = quote.replaceAll(secret, '[redacted]')
  return shorten(escapeUnsafe(quote))
}

function shorten(text: string): string {
  if (text.length <= MAX_QUOTED_CHARACTERS) return text
  // Without the first half of a character that the cut went through.
  return `${text.slice(0, MAX_QUOTED_CHARACTERS).replace(/[\ud800-\udbff]$/, '')}…`
}
