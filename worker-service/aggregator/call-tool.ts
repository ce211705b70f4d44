import type { Tool } from '@modelcontextprotocol/sdk/types.js'
import { CALL_TOOL_NAME } from '../../shared/contracts/own-tool-names.ts'
import { ServiceError } from '../../shared/errors/service-error.ts'
import type { RequestFrame } from '../../shared/frames/frame-scan.ts'
import { type Replacement, replaceSpans } from '../../shared/frames/frame-write.ts'
import type { Span } from '../../shared/frames/json-scanner.ts'
import { locateIn, type WantedMembers } from '../../shared/frames/locate-members.ts'
import { toLine } from '../../shared/frames/to-line.ts'
import { toRaw } from '../../shared/frames/to-raw.ts'
import { valueAt } from '../../shared/frames/value-at.ts'
import { MAX_JSON_NESTING, nestsDeeperThan } from '../../shared/json-nesting.ts'
import { isJsonObject } from '../../shared/json-object.ts'
import { parseJson } from '../../shared/parse-json.ts'

/** call_tool as it is listed. */
export const CALL_TOOL = {
  name: CALL_TOOL_NAME,
  title: 'Call a tool',
  description:
    'Calls a tool of any connected MCP server, whether it is attached or not. The result is the tool’s own. Find out with find_tools which tools there are and what arguments they take.',
  inputSchema: {
    type: 'object',
    properties: {
      tool: {
        type: 'string',
        description: 'The tool: its tool_id ("server/tool") or name as find_tools tells them.',
      },
      arguments: {
        type: 'object',
        description: 'The arguments as the input_schema of the tool wants them.',
        additionalProperties: true,
      },
    },
    required: ['tool'],
  },
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true },
} satisfies Tool

// What a client sends may be longer than any name.
const MAX_NAME_SHOWN = 128

type CallPath = 'params' | 'name' | 'outer' | 'server' | 'tool' | 'inner'

const ARGUMENTS: WantedMembers<CallPath> = new Map([
  ['server', { path: 'server' }],
  ['tool', { path: 'tool' }],
  ['arguments', { path: 'inner' }],
])
const PARAMS: WantedMembers<CallPath> = new Map([
  ['name', { path: 'name' }],
  ['arguments', { path: 'outer', within: ARGUMENTS }],
])
const FRAME: WantedMembers<CallPath> = new Map([['params', { path: 'params', within: PARAMS }]])

/** A call of call_tool: the tool as the client named it, and the frame that calls it at its server. */
export interface WrappedCall {
  readonly tool: string
  unwrap(tool: string): Buffer
}

/** Reads a call of call_tool. Throws `invalid_request` where it names no tool or its arguments are none. */
export function readWrappedCall({ bytes }: RequestFrame): WrappedCall {
  const { spans, twice } = locateIn(bytes, FRAME)
  const [name, outer, tool, inner] = [spans.get('name'), spans.get('outer'), spans.get('tool'), spans.get('inner')]
  if (twice !== undefined) throw invalid('a member of its arguments must not stand there twice')
  const named = textAt(bytes, tool)
  if (name === undefined || outer === undefined || named === '') {
    throw invalid('"tool" is required: the tool_id or name that find_tools tells')
  }
  const args = inner === undefined ? withoutArguments(bytes, outer) : replaceOuter(bytes, outer, inner)
  const server = textAt(bytes, spans.get('server'))
  return {
    tool: server === '' ? named : ofServer(server, named),
    unwrap: (own) => replaceSpans(bytes, [{ span: name, raw: toRaw(own) }, ...args]),
  }
}

/** What stands there, without space around it; empty where that is no text. */
function textAt(bytes: Buffer, span: Span | undefined): string {
  const value = span && valueAt(bytes, span)
  return typeof value === 'string' ? value.trim() : ''
}

// Nobody is asked to name the server by itself; who does means that one and no other.
function ofServer(server: string, tool: string): string {
  const isNamed = tool.startsWith(`${server}/`) || tool.startsWith(`${server}__`)
  return isNamed ? tool : `${server}/${tool}`
}

// A tool that is called without what stands in the wrong place may do something else than was meant.
function withoutArguments(bytes: Buffer, outer: Span): Replacement[] {
  const { tool: _, server: __, ...beside } = valueAt(bytes, outer) as Record<string, unknown>
  const [stray] = Object.keys(beside)
  if (stray === undefined) return [{ span: outer, raw: '{}' }]
  const name = JSON.stringify(stray.slice(0, MAX_NAME_SHOWN))
  throw invalid(`what the tool takes stands under "arguments", not beside "tool", as ${name} does`)
}

// An object stays in its place and what is around it goes, so that it is not looked into, however large.
function replaceOuter(bytes: Buffer, outer: Span, inner: Span): Replacement[] {
  if (bytes[inner.start] === 0x7b) {
    return [
      { span: { start: outer.start, end: inner.start }, raw: '' },
      { span: { start: inner.end, end: outer.end }, raw: '' },
    ]
  }
  return [{ span: outer, raw: toArguments(valueAt(bytes, inner)) }]
}

function toArguments(value: unknown): string {
  if (value === null || (typeof value === 'string' && ['', 'null'].includes(value.trim()))) return '{}'
  if (typeof value !== 'string' || !isJsonObject(parseJson(value))) {
    throw invalid('"arguments" must be an object, or the JSON text of one')
  }
  const text = Buffer.from(value)
  // Its own levels come into the place of those of the call.
  if (nestsDeeperThan(MAX_JSON_NESTING - 2, text)) throw invalid('"arguments" nests too deep')
  return toLine(text).toString('latin1')
}

function invalid(problem: string): ServiceError {
  return new ServiceError('invalid_request', `${CALL_TOOL_NAME}: ${problem}.`)
}
