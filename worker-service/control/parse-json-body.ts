import { isUtf8 } from 'node:buffer'
import { type ParseError, parse } from 'jsonc-parser'
import { withoutByteOrderMark } from '../../shared/byte-order-mark.ts'
import { MAX_JSON_NESTING, nestsDeeperThan } from '../../shared/json-nesting.ts'
import { InvalidInput } from './invalid-input.ts'

const BODY: readonly string[] = ['body']

/** Parses the JSON text of a request, UTF-8 with or without a byte order mark. Throws InvalidInput. */
export function parseJsonBody(bytes: Buffer): unknown {
  return parseJsonText(jsonTextOf(bytes))
}

/**
 * The text of a request, or of the part of it at `place`, without its byte order mark, if it can be JSON: UTF-8, and not nested deeper
 * than that. Throws InvalidInput.
 */
export function jsonTextOf(bytes: Buffer, maxNesting = MAX_JSON_NESTING, place = BODY): Buffer {
  if (bytes.length === 0)
    throw new InvalidInput({ type: 'missing', loc: [...place], msg: 'Field required', input: null })
  if (!isUtf8(bytes)) throw invalidJson([...place, 0], 'It is not valid UTF-8')
  if (nestsDeeperThan(maxNesting, bytes)) throw invalidJson([...place, 0], `Nested deeper than ${maxNesting} levels`)
  return withoutByteOrderMark(bytes)
}

/** Parses the text that {@link jsonTextOf} gives. Throws InvalidInput that says where it is not JSON. */
export function parseJsonText(bytes: Buffer, place = BODY): unknown {
  const text = bytes.toString('utf8')
  try {
    return JSON.parse(text)
  } catch {
    throw invalidJson([...place, positionOf(text)], 'Expecting valid JSON')
  }
}

function invalidJson(loc: (string | number)[], reason: string): InvalidInput {
  return new InvalidInput({ type: 'json_invalid', loc, msg: 'JSON decode error', input: {}, ctx: { error: reason } })
}

// V8 gives the place in some of its messages only.
function positionOf(text: string): number {
  const errors: ParseError[] = []
  parse(text, errors, { disallowComments: true })
  return errors[0]?.offset ?? text.length
}
