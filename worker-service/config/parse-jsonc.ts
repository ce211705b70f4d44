import { type ParseError, parse, printParseErrorCode } from 'jsonc-parser'
import { MAX_JSON_NESTING, nestsDeeperThan } from '../../shared/json-nesting.ts'

/** What a text holds, or why it cannot be read: one sentence per mistake, each with its `line:column`, counted from 1. */
export type ParsedText = { kind: 'value'; value: unknown } | { kind: 'mistakes'; mistakes: string[] }

const BYTE_ORDER_MARK = /^\uFEFF/

/** Parses JSON with comments and trailing commas, with or without a byte order mark. */
export function parseJsonc(source: string): ParsedText {
  const text = source.replace(BYTE_ORDER_MARK, '')
  // The parser recurses.
  if (nestsDeeperThan(MAX_JSON_NESTING, Buffer.from(text))) {
    return { kind: 'mistakes', mistakes: [`it nests deeper than ${MAX_JSON_NESTING} levels`] }
  }
  const plain = parsePlainJson(text)
  if (plain !== undefined) return { kind: 'value', value: plain }
  const errors: ParseError[] = []
  const value: unknown = parse(text, errors, { allowTrailingComma: true })
  if (errors.length === 0) return { kind: 'value', value }
  return { kind: 'mistakes', mistakes: errors.map((error) => describe(error, text)) }
}

// Most files are plain, and the parser built into the language reads them in no time.
function parsePlainJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function describe({ error, offset }: ParseError, text: string): string {
  const before = text.slice(0, offset).split('\n')
  const column = (before.at(-1)?.length ?? 0) + 1
  // "CommaExpected" reads as "comma expected".
  const words = printParseErrorCode(error).replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ')
  return `line ${before.length}:${column}: ${words.toLowerCase()}`
}
