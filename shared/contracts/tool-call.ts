import { isJsonObject } from '../json-object.ts'
import { notAnObject, type ValidationIssue } from './validation-issue.ts'

// By hand, without zod, which would be a tenth of what a worker holds in memory.

/** The body of `POST /servers/{name}/execute`. */
export interface ToolCall {
  tool: string
  arguments: Record<string, unknown>
}

/** The body's JSON Schema (2020-12). */
export const TOOL_CALL_JSON_SCHEMA = {
  type: 'object',
  properties: { tool: { type: 'string', minLength: 1 }, arguments: { type: 'object', default: {} } },
  required: ['tool'],
} as const

/** A parsed call, or everything that is wrong with it. */
export type ParsedToolCall = { ok: true; call: ToolCall } | { ok: false; issues: ValidationIssue[] }

/** Reads the body of a tool call; without arguments there are none. What else stands in it is left out. */
export function parseToolCall(body: unknown): ParsedToolCall {
  if (!isJsonObject(body)) return { ok: false, issues: [notAnObject(body)] }
  const { tool, arguments: args = {} } = body
  if (typeof tool === 'string' && tool !== '' && isJsonObject(args))
    return { ok: true, call: { tool, arguments: args } }
  return { ok: false, issues: [...issuesOfTool(tool), ...issuesOfArguments(args)] }
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

function issuesOfArguments(args: unknown): ValidationIssue[] {
  if (isJsonObject(args)) return []
  return [{ type: 'dict_type', loc: ['body', 'arguments'], msg: 'Input should be a valid dictionary', input: args }]
}
