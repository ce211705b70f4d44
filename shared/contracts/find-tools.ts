import * as z from 'zod'
import { ERROR_CODES } from '../errors/error-code.ts'
import { AGENT_ID_PATTERN, FIND_TOOLS_DEFAULTS } from './find-tools-fields.ts'
import type { ValidationIssue } from './validation-issue.ts'

/** A find_tools request with every default filled and every bound applied. Strings are as sent; `limit` counts tools, `min_score` is 0..100. */
export interface FindToolsRequest {
  /** What is wanted; null searches for nothing. */
  query: string | null
  agent_id: string | null
  /** Tool ids (`server/tool`) that stay attached; trimmed, without doubles, in the order given. */
  keep_tools: string[]
  limit: number
  min_score: number
  request_heartbeat: boolean
  detailed_response: boolean
}

/** Whom found tools are attached to: an agent by its id, an MCP session by its own, or nobody. */
export type Caller = { kind: 'agent'; id: string } | { kind: 'session'; id: string } | { kind: 'nobody' }

/** A tool that was found. `input_schema` is the tool's JSON Schema; `reasons` stands only in detailed answers. */
export const foundToolSchema = z.looseObject({
  tool_id: z.string().min(1),
  name: z.string().min(1),
  server: z.string().nullish(),
  description: z.string().nullish(),
  match_score: z.number().min(0).max(100).nullish(),
  input_schema: z.unknown().optional(),
  reasons: z.array(z.string()).optional(),
})

/** A tool that could not be attached, and why. */
export const failedAttachmentSchema = z.looseObject({
  tool_id: z.string(),
  name: z.string().nullish(),
  error: z.string().nullish(),
})

/** What happened, in numbers and names. `*_tools` are tool ids; counts are of tools. */
export const findToolsDetailsSchema = z.looseObject({
  successful_attachments: z.array(foundToolSchema),
  detached_tools: z.array(z.string()),
  failed_attachments: z.array(failedAttachmentSchema),
  preserved_tools: z.array(z.string()),
  processed_count: z.number().int().min(0),
  passed_filter_count: z.number().int().min(0),
  success_count: z.number().int().min(0),
  failure_count: z.number().int().min(0),
  target_agent: z.string().nullable(),
})

/** The answer to a find_tools call that ran. */
export const findToolsSuccessSchema = z.object({
  status: z.literal('success'),
  message: z.string(),
  details: findToolsDetailsSchema,
})

/** The answer to a find_tools call that failed. */
export const findToolsFailureSchema = z.object({
  status: z.literal('error'),
  message: z.string(),
  code: z.enum(ERROR_CODES),
  details: z.unknown(),
})

/** The same object on every path: HTTP body, MCP `structuredContent`, the one-shot's line, the command's `--json`. */
export const findToolsAnswerSchema = z.discriminatedUnion('status', [findToolsSuccessSchema, findToolsFailureSchema])

export type FoundTool = z.infer<typeof foundToolSchema>
export type FindToolsDetails = z.infer<typeof findToolsDetailsSchema>
export type FindToolsSuccess = z.infer<typeof findToolsSuccessSchema>
export type FindToolsAnswer = z.infer<typeof findToolsAnswerSchema>

/** A parsed request, or everything that is wrong with it. */
export type ParsedFindToolsRequest = { ok: true; request: FindToolsRequest } | { ok: false; issues: ValidationIssue[] }

/** Makes the one validator of find_tools input, used over HTTP, by the one-shot and by the command line. `maxLimit` caps `limit`. */
export function findToolsParser(maxLimit: number): (input: unknown) => ParsedFindToolsRequest {
  const schema = requestSchema(maxLimit)
  return (input) => {
    const parsed = schema.safeParse(input)
    if (parsed.success) return { ok: true, request: parsed.data }
    return { ok: false, issues: parsed.error.issues.map((issue) => toValidationIssue(issue, input)) }
  }
}

function requestSchema(maxLimit: number): z.ZodType<FindToolsRequest> {
  return z.object({
    query: field((value, fail) => (value == null || value === '' ? null : readString(value, fail))),
    agent_id: field(readAgentId),
    keep_tools: field(readToolIds),
    limit: field((value, fail) => Math.floor(clamp(readNumber(value, FIND_TOOLS_DEFAULTS.limit, fail), 1, maxLimit))),
    min_score: field((value, fail) => clamp(readNumber(value, FIND_TOOLS_DEFAULTS.min_score, fail), 0, 100)),
    request_heartbeat: field((value, fail) => readBoolean(value, FIND_TOOLS_DEFAULTS.request_heartbeat, fail)),
    detailed_response: field((value, fail) => readBoolean(value, FIND_TOOLS_DEFAULTS.detailed_response, fail)),
  })
}

// Types and messages are pydantic's, whose 422 bodies the callers of the original service already read.
interface Problem {
  type: string
  msg: string
  at?: number
  ctx?: Record<string, unknown>
}
type Fail = (problem: Problem) => never

/** A field that any JSON value may stand in and that `read` either turns into its type or refuses. Absent fields are read too. */
function field<T>(read: (value: unknown, fail: Fail) => T) {
  return z
    .unknown()
    .optional()
    .transform((value, context): T => {
      try {
        return read(value, (problem) => {
          throw new Refusal(problem)
        })
      } catch (thrown) {
        if (!(thrown instanceof Refusal)) throw thrown
        const { msg, at, ...problem } = thrown.problem
        const input = at === undefined ? value : (value as unknown[])[at]
        // In `params` because zod drops an issue's own `input`.
        context.addIssue({
          code: 'custom',
          message: msg,
          path: at === undefined ? [] : [at],
          params: { ...problem, input },
        })
        return z.NEVER
      }
    })
}

class Refusal extends Error {
  readonly problem: Problem
  constructor(problem: Problem) {
    super(problem.msg)
    this.problem = problem
  }
}

function readString(value: unknown, fail: Fail, at?: number): string {
  if (typeof value === 'string') return value
  return fail({ type: 'string_type', msg: 'Input should be a valid string', ...(at === undefined ? {} : { at }) })
}

const AGENT_ID = new RegExp(AGENT_ID_PATTERN)

function readAgentId(value: unknown, fail: Fail): string | null {
  if (value == null || value === '') return null
  const id = readString(value, fail)
  if (AGENT_ID.test(id)) return id
  return fail({
    type: 'string_pattern_mismatch',
    msg: `String should match pattern '${AGENT_ID_PATTERN}'`,
    ctx: { pattern: AGENT_ID_PATTERN },
  })
}

function readToolIds(value: unknown, fail: Fail): string[] {
  if (value == null) return []
  const listed = typeof value === 'string' ? value.split(',') : value
  if (!Array.isArray(listed))
    return fail({ type: 'list_type', msg: 'Input should be a valid string or list of strings' })
  const ids = listed.map((id, index) => readString(id, fail, index).trim())
  return [...new Set(ids.filter((id) => id !== ''))]
}

const DECIMAL = /^[+-]?(\d+(_\d+)*\.?\d*|\.\d+)(e[+-]?\d+)?$/i
const INFINITE = /^[+-]?inf(inity)?$/i

function readNumber(value: unknown, byDefault: number, fail: Fail): number {
  if (value == null) return byDefault
  if (typeof value === 'number') return Number.isNaN(value) ? byDefault : value
  if (typeof value !== 'string') return fail({ type: 'float_type', msg: 'Input should be a valid number' })
  const text = value.trim()
  if (text === '' || /^[+-]?nan$/i.test(text)) return byDefault
  if (DECIMAL.test(text)) return Number(text.replaceAll('_', ''))
  if (INFINITE.test(text)) return text.startsWith('-') ? -Infinity : Infinity
  return fail({
    type: 'float_parsing',
    msg: 'Input should be a valid number, unable to parse string as a number',
  })
}

function readBoolean(value: unknown, byDefault: boolean, fail: Fail): boolean {
  if (value == null) return byDefault
  if (typeof value === 'boolean') return value
  if (typeof value === 'string') return value.toLowerCase() === 'true'
  if (value === 0 || value === 1) return value === 1
  return fail({ type: 'bool_type', msg: 'Input should be a valid boolean' })
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high)
}

function toValidationIssue(issue: z.core.$ZodIssue, body: unknown): ValidationIssue {
  if (issue.code !== 'custom') {
    return {
      type: 'model_attributes_type',
      loc: ['body'],
      msg: 'Input should be a valid dictionary or object to extract fields from',
      input: body,
    }
  }
  const { type, input, ctx } = issue.params as Omit<Problem, 'msg' | 'at'> & { input: unknown }
  const loc = ['body', ...issue.path.filter((part) => typeof part !== 'symbol')]
  return { type, loc, msg: issue.message, input, ...(ctx === undefined ? {} : { ctx }) }
}
