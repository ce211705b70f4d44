import { toErrorBody } from '../../shared/contracts/error-body.ts'
import type { Caller, FindToolsSuccess } from '../../shared/contracts/find-tools.ts'
import { AGENT_ID_PATTERN, SESSION_ID } from '../../shared/contracts/find-tools-fields.ts'
import { type FindToolsRequest, findToolsParser } from '../../shared/contracts/find-tools-request.ts'
import type { ValidationBody, ValidationIssue } from '../../shared/contracts/validation-issue.ts'
import { ServiceError } from '../../shared/errors/service-error.ts'
import type { ToolSelector } from './tool-selector.ts'

/** Who a find_tools call says it comes from, beside its body: the `x-agent-id` header and the MCP session. */
export interface FindToolsOrigin {
  agentHeader: string | undefined
  session: string | undefined
}

/** How a find_tools call ended: an answer, a request that cannot be read, or a failure. */
export type FindToolsOutcome =
  | { kind: 'answer'; answer: FindToolsSuccess }
  | { kind: 'invalid'; body: ValidationBody }
  | { kind: 'failed'; error: ServiceError }

/** The find_tools operation. Never rejects: whatever goes wrong is an outcome. */
export type FindTools = (input: unknown, from: FindToolsOrigin, signal: AbortSignal) => Promise<FindToolsOutcome>

interface FindToolsOptions {
  selector: ToolSelector
  /** The highest `limit`, in tools. */
  maxLimit: number
}

/** Makes the find_tools operation: reads the request once, finds out who calls, lets the selector search and attach. */
export function createFindTools({ selector, maxLimit }: FindToolsOptions): FindTools {
  const parse = findToolsParser(maxLimit)
  return async (input, from, signal) => {
    const parsed = parse(input)
    const headerIssue = checkAgentHeader(from.agentHeader)
    const issues = [...(parsed.ok ? [] : parsed.issues), ...(headerIssue === undefined ? [] : [headerIssue])]
    if (!parsed.ok || issues.length > 0) return { kind: 'invalid', body: { detail: issues } }
    const conflict = checkAgreement(parsed.request.agent_id, from.agentHeader)
    if (conflict !== undefined) return { kind: 'invalid', body: { detail: [conflict] } }

    const request = { ...parsed.request, agent_id: parsed.request.agent_id ?? (from.agentHeader || null) }
    return answer(selector, { request, caller: toCaller(request.agent_id, from.session) }, signal)
  }
}

/** The JSON text of an outcome, the same on every path: the answer, the error body, or what is wrong with the request. */
export function toAnswerText(outcome: FindToolsOutcome): string {
  if (outcome.kind === 'invalid') return JSON.stringify({ detail: outcome.body.detail })
  if (outcome.kind === 'failed') return JSON.stringify(toErrorBody(outcome.error))
  const { message, details } = outcome.answer
  return JSON.stringify({ status: 'success', message, details })
}

async function answer(
  selector: ToolSelector,
  { request, caller }: { request: FindToolsRequest; caller: Caller },
  signal: AbortSignal,
): Promise<FindToolsOutcome> {
  try {
    return { kind: 'answer', answer: await selector.attach(request, caller, signal) }
  } catch (thrown) {
    return { kind: 'failed', error: ServiceError.from(thrown) }
  }
}

const AGENT_ID = new RegExp(AGENT_ID_PATTERN)

function checkAgentHeader(header: string | undefined): ValidationIssue | undefined {
  if (!header || AGENT_ID.test(header)) return undefined
  return {
    type: 'string_pattern_mismatch',
    loc: ['header', 'x-agent-id'],
    msg: `String should match pattern '${AGENT_ID_PATTERN}'`,
    input: header,
    ctx: { pattern: AGENT_ID_PATTERN },
  }
}

function checkAgreement(agentId: string | null, header: string | undefined): ValidationIssue | undefined {
  if (agentId === null || !header || agentId === header) return undefined
  return {
    type: 'value_error',
    loc: ['body', 'agent_id'],
    msg: `agent_id "${agentId}" and the x-agent-id header "${header}" name different agents; send one of them`,
    input: agentId,
  }
}

// Sessions are named by our own front; anything else in that place is no session of ours.
function toCaller(agentId: string | null, session: string | undefined): Caller {
  const known = session !== undefined && SESSION_ID.test(session) ? session : undefined
  if (agentId !== null) return { kind: 'agent', id: agentId, ...(known !== undefined && { session: known }) }
  return known === undefined ? { kind: 'nobody' } : { kind: 'session', id: known }
}
