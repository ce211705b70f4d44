import type { IncomingMessage, ServerResponse } from 'node:http'
import { Hono, type MiddlewareHandler } from 'hono'
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

/** Node's request and response behind a Hono context, and what the middlewares leave for each other. */
export interface AppEnv {
  Bindings: { incoming: IncomingMessage; outgoing: ServerResponse }
  Variables: { requestId: string }
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

/** Builds the worker's HTTP application; someone else listens. */
export function createApp(options: AppOptions): Hono<AppEnv> {
  const { service, sessions, admission, streams, events } = options
  const app = new Hono<AppEnv>()
  app.use(accessLine(options))
  app.use(guarded(options.guard))
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
  app.onError((thrown, c) => toResponse(thrown, (error) => events.unexpectedError(error, c.get('requestId'))))
  return app
}

function accessLine({ events, now, admission }: AppOptions): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    const startedAt = now()
    const { incoming, outgoing } = c.env
    const requestId = requestIdOf(incoming)
    c.set('requestId', requestId)
    outgoing.setHeader('x-request-id', requestId)
    await next()
    if (admission.draining && !outgoing.headersSent) outgoing.setHeader('connection', 'close')
    const { path } = c.req
    const { method } = incoming
    // Any path can be asked for; only those that exist may become labels of a metric.
    const route = routeAt(path)?.label ?? 'other'
    events.requestFinished({ requestId, method, path, route, status: c.res.status, durationMs: now() - startedAt })
  }
}

function guarded(policy: GuardPolicy): MiddlewareHandler<AppEnv> {
  const check = createGuard(policy)
  return (c, next) => {
    check(c.env.incoming, c.req.path)
    return next()
  }
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
