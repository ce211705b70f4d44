import { issuesOfToolCall, type ToolCall } from '../../shared/contracts/tool-call.ts'
import { JsonScanner, JsonSyntaxError, type Span } from '../../shared/frames/json-scanner.ts'
import { type LocatedMembers, locateMembers, type WantedMembers } from '../../shared/frames/locate-members.ts'
import { Spans } from '../../shared/frames/spans.ts'
import { valueAt } from '../../shared/frames/value-at.ts'
import { MAX_JSON_NESTING } from '../../shared/json-nesting.ts'
import { InvalidInput } from './invalid-input.ts'
import { jsonTextOf, parseJsonText } from './parse-json-body.ts'

type BodyPath = 'tool' | 'arguments'

const BODY: WantedMembers<BodyPath> = new Map([
  ['tool', { path: 'tool' }],
  ['arguments', { path: 'arguments' }],
])

// In a frame the arguments stand one level deeper than in the body, and two deeper than alone.
const MAX_BODY_NESTING = MAX_JSON_NESTING - 1
const MAX_ARGUMENTS_NESTING = MAX_JSON_NESTING - 2
const ARGUMENTS = ['body', 'arguments']
const NO_ARGUMENTS = Buffer.from('{}')
const OPEN_BRACE = 0x7b

/** Reads the body of a tool call: text, depth, syntax, schema. The arguments' bytes are taken as they are. Throws InvalidInput. */
export function parseToolCall(bytes: Buffer): ToolCall {
  const text = jsonTextOf(bytes, MAX_BODY_NESTING)
  const found = locate(text)
  // What is no object is read for what is wrong with it.
  if (found === undefined) return checked(parseJsonText(text), NO_ARGUMENTS)
  if (found.twice !== undefined) throw standsTwice(found.twice)
  const [tool, args] = [found.spans.get('tool'), found.spans.get('arguments')]
  const outline = { tool: tool && valueAt(text, tool), arguments: args && argumentsOutline(text, args) }
  return checked(outline, args === undefined ? NO_ARGUMENTS : text.subarray(args.start, args.end))
}

/** Reads a tool call whose arguments stand alone, as JSON text or nothing; otherwise as {@link parseToolCall}. Throws InvalidInput. */
export function parseArguments(tool: string, bytes: Buffer): ToolCall {
  if (bytes.length === 0) return checked({ tool }, NO_ARGUMENTS)
  const text = jsonTextOf(bytes, MAX_ARGUMENTS_NESTING, ARGUMENTS)
  const isObject = locate(text) !== undefined
  return checked({ tool, arguments: isObject ? {} : parseJsonText(text, ARGUMENTS) }, text)
}

function checked(outline: unknown, args: Buffer): ToolCall {
  const [issue, ...more] = issuesOfToolCall(outline)
  if (issue !== undefined) throw new InvalidInput(issue, ...more)
  return { tool: (outline as { tool: string }).tool, arguments: args }
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

// Readers differ in which of the two they take.
function standsTwice(path: BodyPath): InvalidInput {
  return new InvalidInput({
    type: 'value_error',
    loc: ['body', path],
    msg: `The member "${path}" stands there twice`,
    input: null,
  })
}
