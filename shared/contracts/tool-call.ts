import { isJsonObject } from '../json-object.ts'
import { notAnObject, type ValidationIssue } from './validation-issue.ts'

// By hand, without zod, which would be a tenth of what a worker holds in memory.

/** A call of a tool. The arguments are JSON text of an object, as it came. */
export interface ToolCall {
  readonly tool: string
  readonly arguments: Buffer
}

/** The JSON Schema (2020-12) of the body of `POST /servers/{name}/execute`. */
export const TOOL_CALL_JSON_SCHEMA = {
  type: 'object',
  properties: {
    tool: { type: 'string', minLength: 1 },
    arguments: { type: 'object', default: {} },
    flags: {
      type: 'object',
      additionalProperties: { type: 'array', items: { type: 'string' } },
      description:
        "More arguments, as people type them: by name, each with its texts, none for a flag that stands alone. They get the types of the tool's schema, and what is wrong or missing is refused before the server is asked.",
    },
  },
  required: ['tool'],
} as const

/** Everything that is wrong with the body of a tool call. Without arguments there are none; what else stands in it is passed over. */
export function issuesOfToolCall(body: unknown): ValidationIssue[] {
  if (!isJsonObject(body)) return [notAnObject(body)]
  return [...issuesOfTool(body.tool), ...issuesOfArguments(body.arguments)]
}

function issuesOfTool(tool: unknown): ValidationIssue[] {
  const loc = ['body', 'tool']
  if (tool === undefined) return [{ type: 'missing', loc, msg: 'Field required', input: null }]
  if (typeof tool !== 'string')
    return [{ type: 'string_type', loc, msg: 'Input should be a valid string', input: tool }]
  if (tool !== '') return []
  const msg = 'String should have at least 1 character'
  return [{ type: 'string_too_short', loc, msg, input: tool, ctx: { min_length: 1 } }]
}

function issuesOfArguments(args: unknown = {}): ValidationIssue[] {
  if (isJsonObject(args)) return []
  return [{ type: 'dict_type', loc: ['body', 'arguments'], msg: 'Input should be a valid dictionary', input: args }]
}
