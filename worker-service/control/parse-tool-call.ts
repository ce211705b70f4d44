import { issuesOfToolCall, type ToolCall } from '../../shared/contracts/tool-call.ts'
import type { ValidationIssue } from '../../shared/contracts/validation-issue.ts'
import { JsonScanner, JsonSyntaxError, type Span } from '../../shared/frames/json-scanner.ts'
import { type LocatedMembers, locateMembers, type WantedMembers } from '../../shared/frames/locate-members.ts'
import { Spans } from '../../shared/frames/spans.ts'
import { MAX_JSON_NESTING } from '../../shared/json-nesting.ts'
import { jsonTextOf, parseJsonText } from './parse-json-body.ts'

/** A parsed call, or everything that is wrong with it. */
export type ParsedToolCall =
  | { readonly ok: true; readonly call: ToolCall }
  | { readonly ok: false; readonly issues: ValidationIssue[] }

type BodyPath = 'tool' | 'arguments'

const BODY: WantedMembers<BodyPath> = new Map([
  ['tool', { path: 'tool' }],
  ['arguments', { path: 'arguments' }],
])

// In a frame the arguments stand one level deeper than in the body.
const MAX_NESTING = MAX_JSON_NESTING - 1
const NO_ARGUMENTS = Buffer.from('{}')
const OPEN_BRACE = 0x7b

/** Reads the body of a tool call: text, depth, syntax, schema. The arguments' bytes are taken as they are. Throws InvalidInput. */
export function parseToolCall(bytes: Buffer): ParsedToolCall {
  const text = jsonTextOf(bytes, MAX_NESTING)
  const found = locate(text)
  // What is no object is read for what is wrong with it.
  if (found === undefined) return { ok: false, issues: issuesOfToolCall(parseJsonText(text)) }
  if (found.twice !== undefined) return { ok: false, issues: [standsTwice(found.twice)] }
  const [tool, args] = [found.spans.get('tool'), found.spans.get('arguments')]
  const outline = { tool: tool && valueAt(text, tool), arguments: args && argumentsOutline(text, args) }
  const issues = issuesOfToolCall(outline)
  if (issues.length > 0) return { ok: false, issues }
  const bytesOfArguments = args === undefined ? NO_ARGUMENTS : text.subarray(args.start, args.end)
  return { ok: true, call: { tool: String(outline.tool), arguments: bytesOfArguments } }
}

/** Where the members of an object stand; undefined where the text is none, or no JSON. */
function locate(text: Buffer): LocatedMembers<BodyPath> | undefined {
  const scanner = new JsonScanner(text)
  const found: LocatedMembers<BodyPath> = { spans: new Spans(), twice: undefined }
  if (!scanner.isAtObject()) return undefined
  try {
    locateMembers(scanner, BODY, found)
    scanner.end()
    return found
  } catch (thrown) {
    if (thrown instanceof JsonSyntaxError) return undefined
    throw thrown
  }
}

// For the schema any object is as good as another.
function argumentsOutline(text: Buffer, span: Span): unknown {
  return text[span.start] === OPEN_BRACE ? {} : valueAt(text, span)
}

function valueAt(text: Buffer, { start, end }: Span): unknown {
  return JSON.parse(text.toString('utf8', start, end))
}

// Readers differ in which of the two they take.
function standsTwice(path: BodyPath): ValidationIssue {
  return { type: 'value_error', loc: ['body', path], msg: `The member "${path}" stands there twice`, input: null }
}
