import type { IncomingMessage } from 'node:http'
import type { Hono } from 'hono'
import { SESSION_HEADER } from '../../../shared/contracts/find-tools-fields.ts'
import type { Admission } from '../../control/admission.ts'
import type { WorkerControl } from '../../control/worker-control.ts'
import { type FindToolsOrigin, type FindToolsOutcome, toAnswerText } from '../../tool-selection/find-tools.ts'
import { clientSignal } from '../client-signal.ts'
import type { AppEnv } from '../create-app.ts'
import { HTTP_STATUS_BY_CODE, JSON_HEADERS, retryAfterHeader } from '../error-response.ts'
import { readJsonBody } from '../read-json-body.ts'

/** `POST /find_tools`: the answer of the use case, as it is. */
export function findToolsRoute(app: Hono<AppEnv>, service: WorkerControl, admission: Admission): void {
  app.post('/find_tools', (c) =>
    admission.run(async () => {
      const { incoming, outgoing } = c.env
      const input = await readJsonBody(incoming)
      return toResponse(await service.findTools(input, originOf(incoming), clientSignal(outgoing)))
    }),
  )
}

/** Who a request says it comes from: an agent, an MCP session, both or neither. */
export function originOf({ headers }: IncomingMessage): FindToolsOrigin {
  return { agentHeader: oneValue(headers['x-agent-id']), session: oneValue(headers[SESSION_HEADER]) }
}

function oneValue(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header.join(', ') : header
}

function toResponse(outcome: FindToolsOutcome): Response {
  return new Response(toAnswerText(outcome), toResponseInit(outcome))
}

function toResponseInit(outcome: FindToolsOutcome) {
  switch (outcome.kind) {
    case 'answer':
      return { status: 200, headers: JSON_HEADERS }
    case 'invalid':
      return { status: 422, headers: JSON_HEADERS }
    case 'failed': {
      const headers = { ...JSON_HEADERS, ...retryAfterHeader(outcome.error) }
      return { status: HTTP_STATUS_BY_CODE[outcome.error.code], headers }
    }
  }
}
