import { OpenAPIHono, type RouteConfig } from '@hono/zod-openapi'
import * as z from 'zod'
import { findToolsFailureSchema, findToolsSuccessSchema } from '../../shared/contracts/find-tools.ts'
import { DEFAULT_MAX_LIMIT, findToolsProperties } from '../../shared/contracts/find-tools-fields.ts'
import { healthSchema, readinessSchema } from '../../shared/contracts/health.ts'
import { SEARCH_REQUEST_JSON_SCHEMA } from '../../shared/contracts/search-request.ts'
import { searchResultSchema, selectorHealthSchema } from '../../shared/contracts/selector-api.ts'
import { SELECTOR_PATHS } from '../../shared/contracts/selector-paths.ts'
import { SERVER_NAME } from '../../shared/contracts/server-name.ts'
import { statusSchema } from '../../shared/contracts/server-status.ts'
import { TOOL_CALL_JSON_SCHEMA } from '../../shared/contracts/tool-call.ts'
import { VERSION } from '../../shared/version.ts'
import { SERVER_MOUNTS } from './routes.ts'

type Responses = RouteConfig['responses']

/** The OpenAPI 3.1 document of every open route, made from the schemas the routes speak. `maxLimit` is the highest `limit`. */
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

function controlRoutes(): RouteConfig[] {
  const status = get('/status', 'The service and every configured server', {
    200: json('As it is now', statusSchema),
    ...REFUSALS,
  })
  return [status, ...SERVER_MOUNTS.map(execute)].map((route) => ({ ...route, security: [{ token: [] }] }))
}

function execute(mount: string): RouteConfig {
  return {
    method: 'post',
    path: `${mount}/{name}/execute`,
    summary: 'Call a tool of a server once',
    request: {
      params: z.object({ name: z.string().regex(SERVER_NAME) }),
      body: jsonBody(TOOL_CALL_JSON_SCHEMA),
    },
    responses: {
      200: json("The tool's own result object, as the server sent it", { type: 'object' }),
      404: json('There is no such server or tool', findToolsFailureSchema),
      409: json('The tool is withheld', findToolsFailureSchema),
      422: json('The body, or what the tool is given, cannot be read', VALIDATION_BODY),
      502: json('The server went away during the call', findToolsFailureSchema),
      503: json('The server is not available, or overloaded; see Retry-After', findToolsFailureSchema),
      504: json('The server was too late', findToolsFailureSchema),
      ...REFUSALS,
    },
  }
}

const ERROR_TEXT = { type: 'object', properties: { error: { type: 'string' } }, required: ['error'] } as const

const SELECTOR_SUCCESS = {
  type: 'object',
  properties: { success: { const: true }, message: { type: 'string' }, details: { type: 'object' } },
  required: ['success', 'message', 'details'],
} as const

const VALIDATION_BODY = {
  type: 'object',
  properties: {
    detail: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          type: { type: 'string' },
          loc: { type: 'array', items: { type: ['string', 'integer'] } },
          msg: { type: 'string' },
          input: {},
          ctx: { type: 'object' },
        },
        required: ['type', 'loc', 'msg', 'input'],
      },
    },
  },
  required: ['detail'],
} as const

const REFUSALS: Responses = {
  401: json('A token is needed', findToolsFailureSchema),
  403: json('The Host or Origin is not allowed', findToolsFailureSchema),
  413: json('The body is too large', findToolsFailureSchema),
  415: json('The body is not application/json', findToolsFailureSchema),
}

// A type of its own: the library's names for these lie in a package it does not re-export.
type JsonSchema = Record<string, unknown>

function json(description: string, schema: z.ZodType | JsonSchema): Responses[number] {
  return { description, content: { 'application/json': { schema } } }
}

function jsonBody(schema: JsonSchema) {
  return { required: true, content: { 'application/json': { schema } } }
}

function get(path: string, summary: string, responses: Responses): RouteConfig {
  return { method: 'get', path, summary, responses }
}
