import type { HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import { getPath } from 'hono/utils/url'
import { ServiceError } from '../../shared/errors/service-error.ts'
import type { Admissions } from '../control/admission.ts'
import { InvalidInput } from '../control/invalid-input.ts'
import type { WorkerControl } from '../control/worker-control.ts'
import type { FinishedRequest } from '../observability/events.ts'
import { HttpRefusal, toErrorResponse, toValidationResponse } from './error-response.ts'
import { createGuard, type GuardPolicy } from './guard.ts'
import type { McpSessions } from './mcp/mcp-sessions.ts'
import { requestIdOf } from './request-id.ts'
import { docsRoutes } from './routes/docs.ts'
import { executeRoute } from './routes/execute.ts'
import { findToolsRoute } from './routes/find-tools.ts'
import { healthRoutes } from './routes/health.ts'
import { logsRoute } from './routes/logs.ts'
import { mcpRoutes } from './routes/mcp.ts'
import { type MetricsSource, metricsRoute } from './routes/metrics.ts'
import { selectorApiRoutes } from './routes/selector-api.ts'
import { serverActionRoutes, serverRoutes } from './routes/servers.ts'
import { serviceRoutes } from './routes/service.ts'
import { routeAt } from './routes.ts'

/** What handlers have beside the request: Node's request and response behind it, its path, and the id that it is logged under. */
export interface AppEnv {
  Bindings: HttpBindings & { path: string; requestId: string }
}

/** Answers a request; never rejects. */
export type App = (request: Request, bindings: HttpBindings) => Promise<Response>

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
 * calls a handler that is alone on its path at once, and otherwise makes a chain of promises for each request.
 */
export function createApp(options: AppOptions): App {
  const { guard, events, now, admission } = options
  const check = createGuard(guard)
  const routes = createRoutes(options)
  return async (request, { incoming, outgoing }) => {
    const startedAt = now()
    const requestId = requestIdOf(incoming)
    const path = getPath(request)
    const route = routeAt(path)
    outgoing.setHeader('x-request-id', requestId)
    let response: Response
    try {
      check(incoming, { path, access: route?.access ?? 'open' })
      response = await routes.fetch(request, { incoming, outgoing, path, requestId })
    } catch (thrown) {
      response = toResponse(thrown, (error) => events.unexpectedError(error, requestId))
    }
    if (admission.draining && !outgoing.headersSent) outgoing.setHeader('connection', 'close')
    const { method } = incoming
    const { status } = response
    // Any path can be asked for; only those that exist may become labels of a metric.
    const label = route?.label ?? 'other'
    events.requestFinished({ requestId, method, path, route: label, status, durationMs: now() - startedAt })
    return response
  }
}

function createRoutes(options: AppOptions): Hono<AppEnv> {
  const { service, sessions, admission, streams, events } = options
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
  mcpRoutes(app, { sessions, admission, service })
  docsRoutes(app, options.docsFolder)
  app.notFound((c) => refuseUnknown(c.req.method, c.req.path))
  // Whatever is thrown, by the guard or a handler, becomes an answer in one place.
  app.onError((thrown) => {
    throw thrown
  })
  return app
}

function refuseUnknown(method: string, path: string): Response {
  const route = routeAt(path)
  if (route === undefined) {
    return toErrorResponse(new ServiceError('invalid_request', 'There is nothing at this path; see /docs.'), 404)
  }
  const error = new ServiceError('invalid_request', `This path takes ${route.methods}, not ${method}.`)
  // What answers GET answers HEAD as well, but for streams that a GET opens.
  return toErrorResponse(error, 405, { allow: route.methods === 'GET' ? 'GET, HEAD' : route.methods })
}

function toResponse(thrown: unknown, onUnexpected: (error: unknown) => void): Response {
  if (thrown instanceof HttpRefusal) return toErrorResponse(thrown.error, thrown.status, thrown.headers)
  if (thrown instanceof InvalidInput) return toValidationResponse({ detail: thrown.issues })
  const error = ServiceError.from(thrown)
  if (error.code === 'internal') onUnexpected(thrown)
  return toErrorResponse(error)
}
