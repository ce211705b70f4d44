import { isUtf8 } from 'node:buffer'
import { type ParseError, parse } from 'jsonc-parser'
import type { ValidationIssue } from '../../shared/contracts/validation-issue.ts'
import { MAX_JSON_NESTING, nestsDeeperThan } from '../../shared/json-nesting.ts'

/** The body could not be read as JSON; `issue` is what the 422 answer says, in FastAPI's words. */
export class InvalidBody extends Error {
  override readonly name = 'InvalidBody'
  readonly issue: ValidationIssue

  constructor(issue: ValidationIssue) {
    super(issue.msg)
    this.issue = issue
  }
}

/** Parses the JSON text of a request, UTF-8 with or without a byte order mark. Throws InvalidBody. */
export function parseJsonBody(bytes: Buffer): unknown {
  if (bytes.length === 0) throw new InvalidBody({ type: 'missing', loc: ['body'], msg: 'Field required', input: null })
  if (!isUtf8(bytes)) throw invalidJson(0, 'The body is not valid UTF-8')
  if (nestsDeeperThan(MAX_JSON_NESTING, bytes)) throw invalidJson(0, `Nested deeper than ${MAX_JSON_NESTING} levels`)
  const text = bytes.toString('utf8')
  try {
    return JSON.parse(text.startsWith('\uFEFF') ? text.slice(1) : text)
  } catch {
    throw invalidJson(positionOf(text), 'Expecting valid JSON')
  }
}

function invalidJson(position: number, reason: string): InvalidBody {
  const issue = { type: 'json_invalid', loc: ['body', position], msg: 'JSON decode error', input: {} }
  return new InvalidBody({ ...issue, ctx: { error: reason } })
}

// V8 gives the place in some of its messages only.
function positionOf(text: string): number {
  const errors: ParseError[] = []
  parse(text, errors, { disallowComments: true })
  return errors[0]?.offset ?? text.length
}
