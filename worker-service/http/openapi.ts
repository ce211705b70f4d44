import { OpenAPIHono, type RouteConfig } from '@hono/zod-openapi'
import { findToolsFailureSchema, findToolsSuccessSchema } from '../../shared/contracts/find-tools.ts'
import { DEFAULT_MAX_LIMIT, findToolsProperties } from '../../shared/contracts/find-tools-fields.ts'
import { healthSchema, readinessSchema } from '../../shared/contracts/health.ts'
import { SEARCH_REQUEST_JSON_SCHEMA } from '../../shared/contracts/search-request.ts'
import { searchResultSchema, selectorHealthSchema } from '../../shared/contracts/selector-api.ts'
import { SELECTOR_PATHS } from '../../shared/contracts/selector-paths.ts'
import { VERSION } from '../../shared/version.ts'
import { controlRoutes } from './openapi-control.ts'
import { get, json, jsonBody, REFUSALS, VALIDATION_BODY } from './openapi-parts.ts'

/** The OpenAPI 3.1 document of every route, made from the schemas the routes speak. `maxLimit` is the highest `limit`. */
export function createOpenApiDocument(maxLimit = DEFAULT_MAX_LIMIT) {
  const { openAPIRegistry: registry, getOpenAPI31Document } = new OpenAPIHono()
  for (const route of routes(maxLimit)) registry.registerPath(route)
  registry.registerComponent('securitySchemes', 'token', { type: 'http', scheme: 'bearer' })
  return getOpenAPI31Document({
    openapi: '3.1.0',
    info: { title: 'Pilotlight', version: VERSION, description: 'Finds MCP tools and keeps them warm.' },
  })
}

function routes(maxLimit: number): RouteConfig[] {
  const findToolsBody = jsonBody({ type: 'object', properties: findToolsProperties(maxLimit) })
  return [
    {
      method: 'post',
      path: '/find_tools',
      summary: 'Find the tools for what is wanted, and attach them to the caller',
      request: { body: findToolsBody },
      responses: {
        200: json('What was found and attached', findToolsSuccessSchema),
        422: json('A field cannot be read as its type, or the body is not JSON', VALIDATION_BODY),
        502: json('The tool selector failed', findToolsFailureSchema),
        503: json('Overloaded or shutting down; see Retry-After', findToolsFailureSchema),
        504: json('The tool selector was too late', findToolsFailureSchema),
        ...REFUSALS,
      },
    },
    {
      method: 'post',
      path: SELECTOR_PATHS.attach,
      summary: 'The same as a tool-selector API',
      request: { body: findToolsBody },
      responses: {
        200: json('What was found and attached', SELECTOR_SUCCESS),
        400: json('The request cannot be read', ERROR_TEXT),
        500: json('The selector failed', ERROR_TEXT),
        ...REFUSALS,
      },
    },
    {
      method: 'post',
      path: SELECTOR_PATHS.search,
      summary: 'The best tools for a query, attaching nothing',
      request: { body: jsonBody(SEARCH_REQUEST_JSON_SCHEMA) },
      responses: {
        200: json('Best first', searchResultSchema.array()),
        400: json('Unreadable', ERROR_TEXT),
        ...REFUSALS,
      },
    },
    get(SELECTOR_PATHS.health, 'Whether the selector can answer', {
      200: json('It can', selectorHealthSchema),
      ...REFUSALS,
    }),
    get('/health', 'Whether the process is alive', { 200: json('It is', healthSchema) }),
    get('/ready', 'Whether calls will be served', {
      200: json('Every dependency is ready', readinessSchema),
      503: json('One is not, and why', readinessSchema),
    }),
    ...controlRoutes(),
    get('/metrics', 'Metrics for Prometheus', {
      200: { description: 'Text exposition format', content: { 'text/plain': { schema: { type: 'string' } } } },
    }),
  ]
}

const ERROR_TEXT = { type: 'object', properties: { error: { type: 'string' } }, required: ['error'] } as const

const SELECTOR_SUCCESS = {
  type: 'object',
  properties: { success: { const: true }, message: { type: 'string' }, details: { type: 'object' } },
  required: ['success', 'message', 'details'],
} as const
