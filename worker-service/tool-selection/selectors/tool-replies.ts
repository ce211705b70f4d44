import * as z from 'zod'
// Not as `z.core.toDotPath`: using the namespace as a value would bundle all of it, 40 languages included.
import { toDotPath } from 'zod/v4/core'
import {
  embeddingsUsageSchema,
  type FindToolsDetails,
  type FindToolsSuccess,
  findToolsDetailsSchema,
} from '../../../shared/contracts/find-tools.ts'
import { type SearchResult, searchResultSchema, selectorHealthSchema } from '../../../shared/contracts/selector-api.ts'
import { countOf } from '../../../shared/count-of.ts'
import { isJsonObject } from '../../../shared/json-object.ts'
import type { SelectorCheck } from '../tool-selector.ts'
import { replyFailure } from '../upstream/api-failure.ts'
import type { ApiSite } from '../upstream/api-site.ts'
import type { ApiReply } from '../upstream/exchange.ts'
import { readReply, toRefusal } from '../upstream/json-reply.ts'

/** The most entries that any list of a reply may have: more is a fault, and costs everybody who is shown it. */
export const MAX_LISTED_TOOLS = 10_000

/** The answer to an attach call. What a foreign selector leaves out is filled in, what only it has is kept. */
export function readAttachReply(reply: ApiReply, site: ApiSite, agentId: string | null): FindToolsSuccess {
  const body = readReply(reply, site)
  if (!isJsonObject(body) || body.success !== true) throw toRefusal(body, reply.status, site)
  const given = body.details ?? {}
  if (!isJsonObject(given)) throw replyFailure(site, 'answered with details that are no object.')
  const details = completeDetails(given, agentId)
  refuseUnusableLists(details, site)
  const checked = checkDetails().safeParse(details)
  if (!checked.success) throw replyFailure(site, `answered with unusable details: ${describe(checked.error)}.`)
  refuseDuplicates(checked.data.successful_attachments, site)
  return { status: 'success', message: toMessage(body.message, checked.data), details: checked.data }
}

/** The tools of a search call, best first, at most `limit`. */
export function readSearchReply(reply: ApiReply, site: ApiSite, limit: number): SearchResult[] {
  const body = readReply(reply, site)
  if (!Array.isArray(body)) throw toRefusal(body, reply.status, site)
  const results = body.slice(0, limit).map(completeSearchResult)
  const checked = searchResultsSchema.safeParse(results)
  if (!checked.success) throw replyFailure(site, `answered with unusable tools: ${describe(checked.error)}.`)
  refuseDuplicates(checked.data, site)
  return checked.data
}

/** What a health reply says of the selector; members that are not what they should be count as not said. */
export function readHealthReply(reply: ApiReply, site: ApiSite): SelectorCheck {
  const health = selectorHealthSchema.safeParse(readReply(reply, site))
  if (!health.success)
    throw replyFailure(site, `answered with JSON that is no health report; is ${site.variables.url} right?`)
  const { status, tools, servers } = health.data
  if (status === 'unhealthy') throw replyFailure(site, 'says that it is unhealthy.')
  return {
    tools: Number.isSafeInteger(tools) && Number(tools) >= 0 ? Number(tools) : undefined,
    servers: isStrings(servers) ? servers : undefined,
  }
}

// Compiled, which takes a millisecond once and checks five times as fast; at the first reply, so that an import does nothing.
let compiledDetails: Pick<typeof findToolsDetailsSchema, 'safeParse'> | undefined

function checkDetails() {
  compiledDetails ??= z.compile(findToolsDetailsSchema)
  return compiledDetails
}

const searchResultsSchema = z.array(searchResultSchema)

function completeDetails(given: Record<string, unknown>, agentId: string | null): Record<string, unknown> {
  const found = lengthOf(given.successful_attachments)
  const failed = lengthOf(given.failed_attachments)
  const byDefault = {
    successful_attachments: [],
    detached_tools: [],
    failed_attachments: [],
    preserved_tools: [],
    processed_count: found + failed,
    passed_filter_count: found + failed,
    success_count: found,
    failure_count: failed,
    target_agent: agentId,
  }
  // `loop_triggered` tells the original API's own callers of an agent loop that they drive; find_tools drives none.
  const { loop_triggered: _, embeddings, ...kept } = given
  const details: Record<string, unknown> = { ...byDefault, ...kept }
  // A member of ours; of a foreign selector's that is called the same nothing is known.
  if (embeddingsUsageSchema.safeParse(embeddings).success) details.embeddings = embeddings
  for (const [member, value] of Object.entries(byDefault)) details[member] ??= value
  return details
}

function completeSearchResult(tool: unknown): unknown {
  if (!isJsonObject(tool)) return tool
  const { description, mcp_server_name, json_schema } = tool
  return {
    ...tool,
    description: description ?? '',
    mcp_server_name: mcp_server_name ?? '',
    json_schema: json_schema ?? null,
  }
}

// Before the schema reads them: it would look at each of a million tools.
function refuseUnusableLists(details: Record<string, unknown>, site: ApiSite): void {
  for (const list of ['successful_attachments', 'detached_tools', 'failed_attachments', 'preserved_tools']) {
    const length = lengthOf(details[list])
    if (length <= MAX_LISTED_TOOLS) continue
    throw replyFailure(site, `answered with ${length} ${list}; ${MAX_LISTED_TOOLS} is the most that is read.`)
  }
}

function refuseDuplicates(tools: readonly { tool_id: string }[], site: ApiSite): void {
  if (new Set(tools.map((tool) => tool.tool_id)).size === tools.length) return
  throw replyFailure(site, 'answered with the same tool more than once.')
}

function toMessage(message: unknown, { success_count, target_agent }: FindToolsDetails): string {
  if (typeof message === 'string') return message
  const tools = countOf(success_count, 'tool')
  return target_agent === null ? `Found ${tools}.` : `Attached ${tools}.`
}

function describe(error: z.ZodError): string {
  const [issue] = error.issues
  return issue === undefined ? 'unreadable' : `${toDotPath(issue.path)}: ${issue.message}`
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
}

function lengthOf(value: unknown): number {
  return Array.isArray(value) ? value.length : 0
}
