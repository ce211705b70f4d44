import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { getRequestListener, type HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import { getPath } from 'hono/utils/url'
import { ServiceError } from '../../shared/errors/service-error.ts'
import type { Admissions } from '../control/admission.ts'
import { InvalidInput } from '../control/invalid-input.ts'
import type { WorkerControl } from '../control/worker-control.ts'
import type { FinishedRequest } from '../observability/events.ts'
import { drainBody } from './drain-body.ts'
import { HTTP_STATUS_BY_CODE, HttpRefusal, toErrorResponse, toValidationResponse } from './error-response.ts'
import { createGuard, type GuardPolicy } from './guard.ts'
import type { McpSessions, McpTarget } from './mcp/mcp-sessions.ts'
import { refuseUnknown } from './refuse-unknown.ts'
import { requestIdOf } from './request-id.ts'
import { docsRoutes } from './routes/docs.ts'
import { executeRoute } from './routes/execute.ts'
import { findToolsRoute } from './routes/find-tools.ts'
import { healthRoutes } from './routes/health.ts'
import { logsRoute } from './routes/logs.ts'
import { createMcpEndpoint } from './routes/mcp.ts'
import { type MetricsSource, metricsRoute } from './routes/metrics.ts'
import { selectorApiRoutes } from './routes/selector-api.ts'
import { serverActionRoutes, serverRoutes } from './routes/servers.ts'
import { serviceRoutes } from './routes/service.ts'
import { mcpTargetOf, routeAt } from './routes.ts'
import { writeResponse } from './write-response.ts'

/** A request and the response to it as Node has them, the path that is asked for, and the id that it is logged under. */
export interface Exchange {
  incoming: IncomingMessage
  outgoing: ServerResponse
  path: string
  requestId: string
}

type Asked = Omit<Exchange, 'requestId'>

/** What handlers have beside the request. */
export interface AppEnv {
  Bindings: Exchange
}

/** What the application tells whoever observes it. */
export interface HttpEvents {
  requestFinished(request: FinishedRequest): void
  unexpectedError(error: unknown, requestId: string): void
}

export interface AppOptions extends Admissions {
  service: WorkerControl
  metrics: MetricsSource
  sessions: McpSessions
  guard: GuardPolicy
  /** Where the built Swagger UI files lie. */
  docsFolder: string
  /** Milliseconds, from a clock that never goes back. */
  now: () => number
  events: HttpEvents
}

/**
 * Builds the worker's HTTP application; someone else listens. The access line and the guard stand around the routes and not among them: Hono
 * calls a handler that is alone on its path at once, and otherwise makes a chain of promises for each request. MCP goes past Hono, as its
 * answers are written where they come and nothing of a Request and a Response is of use to it.
 */
export function createApp(options: AppOptions): RequestListener {
  const { guard, events, now, admission } = options
  const check = createGuard(guard)
  const mcp = createMcpEndpoint(options)
  const routes = createRoutes(options)

  const answer = async (
    { incoming, outgoing, path }: Asked,
    handle: (exchange: Exchange) => Response | Promise<Response | undefined>,
  ): Promise<Response | undefined> => {
    const startedAt = now()
    const requestId = requestIdOf(incoming)
    const route = routeAt(path)
    outgoing.setHeader('x-request-id', requestId)
    // Behind the answer, which need not wait for it.
    outgoing.once('close', () => {
      const { method } = incoming
      const status = outgoing.headersSent ? outgoing.statusCode : HTTP_STATUS_BY_CODE.cancelled
      // Any path can be asked for; only those that exist may become labels of a metric.
      const label = route?.label ?? 'other'
      const durationMs = now() - startedAt
      const followed = method === 'GET' && String(outgoing.getHeader('content-type')).startsWith('text/event-stream')
      events.requestFinished({ requestId, method, path, route: label, status, durationMs, followed })
    })
    let response: Response | undefined
    try {
      check(incoming, { path, access: route?.access ?? 'open' })
      response = await handle({ incoming, outgoing, path, requestId })
    } catch (thrown) {
      response = toResponse(thrown, (error) => events.unexpectedError(error, requestId))
    }
    if (admission.draining && !outgoing.headersSent) outgoing.setHeader('connection', 'close')
    return response
  }

  const answerMcp = async (target: McpTarget, asked: Asked) => {
    const response = await answer(asked, (exchange) => mcp(target, exchange))
    if (response === undefined) return
    await writeResponse(response, asked.outgoing)
    drainBody(asked.incoming)
  }
  const throughHono = getRequestListener((request, bindings) => {
    const { incoming, outgoing } = bindings as HttpBindings
    return answer({ incoming, outgoing, path: getPath(request) }, (exchange) => routes.fetch(request, exchange))
  })
  return (incoming, outgoing) => {
    const path = plainPathOf(incoming)
    const target = mcpTargetOf(path)
    if (target === undefined) return void throughHono(incoming, outgoing)
    void answerMcp(target, { incoming, outgoing, path })
  }
}

function createRoutes(options: AppOptions): Hono<AppEnv> {
  const { service, admission, streams, events } = options
  const app = new Hono<AppEnv>({ getPath: (_request, { env } = {}) => (env as AppEnv['Bindings']).path })
  findToolsRoute(app, service, admission)
  selectorApiRoutes(app, service, admission)
  healthRoutes(app, service)
  metricsRoute(app, options.metrics)
  serviceRoutes(app, service, streams)
  serverRoutes(app, service)
  serverActionRoutes(app, service.servers, admission)
  logsRoute(app, service.servers, streams)
  executeRoute(app, { servers: service.servers, toolsOf: (server) => service.toolsOf(server), admission, events })
  docsRoutes(app, options.docsFolder)
  app.notFound((c) => refuseUnknown(c.req.method, c.req.path))
  // Whatever is thrown, by the guard or a handler, becomes an answer in one place.
  app.onError((thrown) => {
    throw thrown
  })
  return app
}

function toResponse(thrown: unknown, onUnexpected: (error: unknown) => void): Response {
  if (thrown instanceof HttpRefusal) return toErrorResponse(thrown.error, thrown.status, thrown.headers)
  if (thrown instanceof InvalidInput) return toValidationResponse({ detail: thrown.issues })
  const error = ServiceError.from(thrown)
  if (error.code === 'internal') onUnexpected(thrown)
  return toErrorResponse(error)
}

/** The path as it was sent, without the query. */
function plainPathOf({ url = '' }: IncomingMessage): string {
  const end = url.indexOf('?')
  return end === -1 ? url : url.slice(0, end)
}
