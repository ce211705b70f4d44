import type { IncomingMessage } from 'node:http'
import type { Context, Hono } from 'hono'
import { parseSearchRequest } from '../../../shared/contracts/search-request.ts'
import { SELECTOR_PATHS } from '../../../shared/contracts/selector-paths.ts'
import { describeIssue } from '../../../shared/contracts/validation-issue.ts'
import type { Admission } from '../../control/admission.ts'
import { InvalidInput } from '../../control/invalid-input.ts'
import type { WorkerControl } from '../../control/worker-control.ts'
import type { FindToolsOutcome } from '../../tool-selection/find-tools.ts'
import { clientSignal } from '../client-signal.ts'
import type { AppEnv } from '../create-app.ts'
import { HTTP_STATUS_BY_CODE, jsonResponse, retryAfterHeader } from '../error-response.ts'
import { readJsonBody } from '../read-json-body.ts'
import { originOf } from './find-tools.ts'

/** The tool-selector API, so that this worker can be another's selector: attach, search and health. */
export function selectorApiRoutes(app: Hono<AppEnv>, service: WorkerControl, admission: Admission): void {
  app.post(SELECTOR_PATHS.attach, (c) =>
    admission.run(() =>
      withBody(c.env.incoming, async (input) => {
        const { incoming, outgoing } = c.env
        return toAttachResponse(await service.findTools(input, originOf(incoming), clientSignal(outgoing)))
      }),
    ),
  )
  app.post(SELECTOR_PATHS.search, (c) =>
    admission.run(() =>
      withBody(c.env.incoming, async (input) => {
        const request = parseSearchRequest(input)
        if (typeof request === 'string') return jsonResponse({ error: request }, 400)
        return jsonResponse(await service.search(request.query, request.limit, clientSignal(c.env.outgoing)))
      }),
    ),
  )
  const health = async (c: Context<AppEnv>) => {
    const check = await service.checkSelector(clientSignal(c.env.outgoing))
    const { version } = service.health()
    return jsonResponse({ status: 'healthy', version, ...check })
  }
  app.get(SELECTOR_PATHS.health, health)
  app.get('/api/health', health)
}

// A body that is no JSON is refused as callers of this API know it, too.
async function withBody(request: IncomingMessage, answer: (body: unknown) => Promise<Response>): Promise<Response> {
  let body: unknown
  try {
    body = await readJsonBody(request)
  } catch (thrown) {
    if (thrown instanceof InvalidInput) return jsonResponse({ error: thrown.message }, 400)
    throw thrown
  }
  return answer(body)
}

function toAttachResponse(outcome: FindToolsOutcome): Response {
  switch (outcome.kind) {
    case 'answer': {
      const { message, details } = outcome.answer
      return jsonResponse({ success: true, message, details: { ...details, loop_triggered: false } })
    }
    case 'invalid':
      return jsonResponse({ error: outcome.body.detail.map(describeIssue).join('; ') }, 400)
    case 'failed': {
      // 500 is what callers of this API know; a refusal that passes by itself keeps its own status.
      const status = HTTP_STATUS_BY_CODE[outcome.error.code] === 503 ? 503 : 500
      return jsonResponse({ success: false, error: outcome.error.message }, status, retryAfterHeader(outcome.error))
    }
  }
}
