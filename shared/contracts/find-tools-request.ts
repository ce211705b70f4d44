import { isJsonObject } from '../json-object.ts'
import { AGENT_ID_PATTERN, FIND_TOOLS_DEFAULTS } from './find-tools-fields.ts'
import { notAnObject, type ValidationIssue } from './validation-issue.ts'

// By hand, without zod: a one-shot reads a request too, and loading zod takes longer than all the rest of it.

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
  compact: boolean
}

/** A parsed request, or everything that is wrong with it. */
export type ParsedFindToolsRequest = { ok: true; request: FindToolsRequest } | { ok: false; issues: ValidationIssue[] }

/** Makes the one validator of find_tools input, used over HTTP, by the one-shot and by the command line. `maxLimit` caps `limit`. */
export function findToolsParser(maxLimit: number): (input: unknown) => ParsedFindToolsRequest {
  return (input) => {
    if (!isJsonObject(input)) return { ok: false, issues: [notAnObject(input)] }
    const fields = new FieldReader(input)
    const request: FindToolsRequest = {
      query: fields.read<string | null>('query', null, readText),
      agent_id: fields.read<string | null>('agent_id', null, readAgentId),
      keep_tools: fields.read('keep_tools', [], readToolIds),
      limit: Math.floor(clamp(fields.read('limit', FIND_TOOLS_DEFAULTS.limit, readNumber), 1, maxLimit)),
      min_score: clamp(fields.read('min_score', FIND_TOOLS_DEFAULTS.min_score, readNumber), 0, 100),
      request_heartbeat: fields.read('request_heartbeat', FIND_TOOLS_DEFAULTS.request_heartbeat, readBoolean),
      detailed_response: fields.read('detailed_response', FIND_TOOLS_DEFAULTS.detailed_response, readBoolean),
      compact: fields.read('compact', FIND_TOOLS_DEFAULTS.compact, readBoolean),
    }
    return fields.issues.length === 0 ? { ok: true, request } : { ok: false, issues: fields.issues }
  }
}

/** Reads the fields of a request one by one, and collects what is wrong with them. */
class FieldReader {
  readonly issues: ValidationIssue[] = []
  readonly #body: Record<string, unknown>

  constructor(body: Record<string, unknown>) {
    this.#body = body
  }

  /** What `read` makes of a field. Where that is undefined, or the field is absent or cannot be read, it is `byDefault`. */
  read<T>(name: keyof FindToolsRequest, byDefault: T, read: (value: unknown) => T | undefined): T {
    const value = this.#body[name]
    if (value == null) return byDefault
    try {
      return read(value) ?? byDefault
    } catch (thrown) {
      if (!(thrown instanceof Refusal)) throw thrown
      this.issues.push(thrown.toIssue(name, value))
      return byDefault
    }
  }
}

// Types and messages are pydantic's, whose 422 bodies the callers of the original service already read.
interface Problem {
  type: string
  msg: string
  ctx?: Record<string, unknown>
}

/** A field that cannot be read, or one item of it. */
class Refusal extends Error {
  readonly #problem: Problem
  readonly #item: { at: number; value: unknown } | undefined

  constructor(problem: Problem, item?: { at: number; value: unknown }) {
    super(problem.msg)
    this.#problem = problem
    this.#item = item
  }

  toIssue(name: string, value: unknown): ValidationIssue {
    const { type, msg, ctx } = this.#problem
    const item = this.#item
    const loc = item === undefined ? ['body', name] : ['body', name, item.at]
    const input = item === undefined ? value : item.value
    return { type, loc, msg, input, ...(ctx === undefined ? {} : { ctx }) }
  }
}

const NOT_A_STRING: Problem = { type: 'string_type', msg: 'Input should be a valid string' }

function readText(value: unknown): string | undefined {
  if (typeof value !== 'string') throw new Refusal(NOT_A_STRING)
  return value === '' ? undefined : value
}

const AGENT_ID = new RegExp(AGENT_ID_PATTERN)

function readAgentId(value: unknown): string | undefined {
  const id = readText(value)
  if (id === undefined || AGENT_ID.test(id)) return id
  throw new Refusal({
    type: 'string_pattern_mismatch',
    msg: `String should match pattern '${AGENT_ID_PATTERN}'`,
    ctx: { pattern: AGENT_ID_PATTERN },
  })
}

function readToolIds(value: unknown): string[] {
  const listed: unknown = typeof value === 'string' ? value.split(',') : value
  if (!Array.isArray(listed)) {
    throw new Refusal({ type: 'list_type', msg: 'Input should be a valid string or list of strings' })
  }
  const ids = listed.map((id: unknown, at) => {
    if (typeof id !== 'string') throw new Refusal(NOT_A_STRING, { at, value: id })
    return id.trim()
  })
  return [...new Set(ids.filter((id) => id !== ''))]
}

const DECIMAL = /^[+-]?(\d+(_\d+)*\.?\d*|\.\d+)(e[+-]?\d+)?$/i
const INFINITE = /^[+-]?inf(inity)?$/i

function readNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isNaN(value) ? undefined : value
  if (typeof value !== 'string') throw new Refusal({ type: 'float_type', msg: 'Input should be a valid number' })
  const text = value.trim()
  if (text === '' || /^[+-]?nan$/i.test(text)) return undefined
  if (DECIMAL.test(text)) return Number(text.replaceAll('_', ''))
  if (INFINITE.test(text)) return text.startsWith('-') ? -Infinity : Infinity
  throw new Refusal({
    type: 'float_parsing',
    msg: 'Input should be a valid number, unable to parse string as a number',
  })
}

function readBoolean(value: unknown): boolean {
  if (typeof value === 'boolean') return value
  if (typeof value === 'string') return value.toLowerCase() === 'true'
  if (value === 0 || value === 1) return value === 1
  throw new Refusal({ type: 'bool_type', msg: 'Input should be a valid boolean' })
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high)
}
