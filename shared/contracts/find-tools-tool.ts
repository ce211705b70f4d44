import type { Tool } from '@modelcontextprotocol/sdk/types.js'
import { countOf } from '../count-of.ts'
import { ServiceError } from '../errors/service-error.ts'
import { isJsonObject } from '../json-object.ts'
import { parseJson } from '../parse-json.ts'
import { toErrorBody } from './error-body.ts'
import type { FindToolsAnswer } from './find-tools.ts'
import { FIND_TOOLS_NAME, findToolsProperties, SOURCE_META_KEY } from './find-tools-fields.ts'
import { isValidationBody, toInvalidRequest, type ValidationIssue } from './validation-issue.ts'

/** What can be found, in figures: the number of tools and the servers that have them, in the order configured. */
export interface CatalogSummary {
  tools: number
  servers: string[]
}

/** Which path answered a find_tools call. */
export type AnswerSource = 'worker' | 'one-shot'

/** The body of an answer or an error as the path sent it, and which path that was. `httpStatus` is the worker's. */
export interface FindToolsReply {
  source: AnswerSource
  body: string
  httpStatus?: number
}

const DESCRIPTION =
  'Finds the tools for a task among all connected MCP servers and attaches them. Say in plain words what you want to do; the best matches come with their scores.'
const MAX_NAMED_SERVERS = 40

// Holds for errors too: some clients check whatever structuredContent they get.
const OUTPUT_SCHEMA = {
  type: 'object',
  properties: {
    status: { type: 'string', enum: ['success', 'error'] },
    message: { type: 'string' },
    code: { type: 'string', description: 'What kind of error it is.' },
    details: { description: 'What was found and attached; null for most errors.' },
  },
  required: ['status', 'message', 'details'],
} satisfies Tool['outputSchema']

/** find_tools as it is listed. Its description tells what can be found, as far as that is known. */
export function findToolsTool(maxLimit: number, summary: CatalogSummary | undefined): Tool {
  return {
    name: FIND_TOOLS_NAME,
    title: 'Find tools',
    description: `${DESCRIPTION}${describeCatalog(summary)}`,
    inputSchema: { type: 'object', properties: findToolsProperties(maxLimit), required: ['query'] },
    outputSchema: OUTPUT_SCHEMA,
    // It attaches and detaches, but only for its caller, and twice is as good as once.
    annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  }
}

/** What is wrong with the arguments so that no call can be made, as a tool result; undefined when there is nothing. */
export function refuseWithoutQuery(input: Readonly<Record<string, unknown>>): string | undefined {
  if (input.query !== undefined && input.query !== null) return undefined
  const issue: ValidationIssue = { type: 'missing', loc: ['body', 'query'], msg: 'Field required', input }
  const message = 'query is required: say what the tool should be able to do.'
  return toResult(
    JSON.stringify(toErrorBody(new ServiceError('invalid_request', message, { details: { detail: [issue] } }))),
  )
}

/** A reply as a tool result, JSON text on one line: the body as the text, and the same body as `structuredContent`. */
export function toToolResult({ source, body, httpStatus }: FindToolsReply): string {
  const answer = parseJson(body)
  if (isAnswer(answer)) return toResult(body, { source, isError: answer.status === 'error' })
  const error = isValidationBody(answer) ? toInvalidRequest(answer) : notAnAnswer(source, httpStatus)
  return toResult(JSON.stringify(toErrorBody(error)), { source })
}

// No tools of the worker's own is no news: an external selector may find others.
function describeCatalog({ tools, servers }: CatalogSummary = { tools: 0, servers: [] }): string {
  if (tools === 0) return ''
  const named = servers.slice(0, MAX_NAMED_SERVERS).join(', ')
  const more = servers.length - MAX_NAMED_SERVERS
  const from = servers.length === 0 ? '' : ` of ${named}${more > 0 ? ` and ${more} more servers` : ''}`
  return ` Can find ${countOf(tools, 'tool')}${from}.`
}

function toResult(body: string, { source, isError = true }: { source?: AnswerSource; isError?: boolean } = {}): string {
  const meta = source === undefined ? '' : `,"_meta":{"${SOURCE_META_KEY}":"${source}"}`
  const structured = /[\r\n]/.test(body) ? JSON.stringify(JSON.parse(body)) : body
  const content = `[{"type":"text","text":${JSON.stringify(body)}}]`
  return `{"content":${content},"structuredContent":${structured}${isError ? ',"isError":true' : ''}${meta}}`
}

function isAnswer(value: unknown): value is FindToolsAnswer {
  if (!isJsonObject(value) || typeof value.message !== 'string' || !('details' in value)) return false
  return value.status === 'success' || value.status === 'error'
}

function notAnAnswer(source: AnswerSource, httpStatus: number | undefined): ServiceError {
  const status = httpStatus === undefined ? '' : ` (HTTP ${httpStatus})`
  return new ServiceError('server_unavailable', `The ${source} sent something that is no find_tools answer${status}.`)
}
