import type { RouteConfig } from '@hono/zod-openapi'
import * as z from 'zod'
import { findToolsFailureSchema } from '../../shared/contracts/find-tools.ts'
import { SERVER_NAME } from '../../shared/contracts/server-name.ts'
import { serverStatusSchema, statusSchema } from '../../shared/contracts/server-status.ts'
import { TOOL_CALL_JSON_SCHEMA } from '../../shared/contracts/tool-call.ts'
import { LINES } from '../control/log-lines.ts'
import { mcpRoutes } from './openapi-mcp.ts'
import { get, json, jsonBody, jsonOrEvents, REFUSALS, type Responses, VALIDATION_BODY } from './openapi-parts.ts'
import { SERVER_MOUNTS } from './routes.ts'

const NAME = { params: z.object({ name: z.string().regex(SERVER_NAME) }) }
const FLAG = z.enum(['1', 'true', '0', 'false']).optional()
const UNKNOWN_SERVER: Responses = { 404: json('There is no such server', findToolsFailureSchema) }
const UNREADABLE: Responses = { 422: json('There is a body, and it is not JSON', VALIDATION_BODY) }
const UNAVAILABLE: Responses = {
  503: json(
    'The server is not available, or the worker is overloaded; what passes by itself has a Retry-After',
    findToolsFailureSchema,
  ),
}

/** The routes that need the token. */
export function controlRoutes(): RouteConfig[] {
  const routes = [
    withEvents(
      get('/status', 'The service and every configured server', {
        200: jsonOrEvents('As it is now; as events `status`, whenever it has changed', statusSchema),
        422: json('A part of the query cannot be read', VALIDATION_BODY),
      }),
    ),
    post('/shutdown', 'Finish what is in flight, and end', {
      202: json('It does', z.object({ status: z.literal('draining') })),
      ...UNREADABLE,
    }),
    ...SERVER_MOUNTS.flatMap(serverRoutes),
    ...mcpRoutes(),
  ]
  return routes.map((route) => ({
    ...route,
    responses: { ...route.responses, ...REFUSALS },
    security: [{ token: [] }],
  }))
}

function serverRoutes(mount: string): RouteConfig[] {
  const path = `${mount}/{name}`
  return [
    get(mount, 'Every configured server', {
      200: json('As they are now', z.object({ servers: serverStatusSchema.array() })),
    }),
    ofServer(get(path, 'One server', { 200: json('As it is now', serverStatusSchema) })),
    tools(`${path}/tools`),
    logs(`${path}/logs`),
    ofServer(
      post(`${path}/start`, 'Start a server, or join its start', {
        200: json('It runs', serverStatusSchema),
        ...UNREADABLE,
        ...UNAVAILABLE,
        504: json('It did not start in time', findToolsFailureSchema),
      }),
    ),
    ofServer(
      post(`${path}/stop`, 'Stop a server once its calls are finished', {
        200: json('It does not run', serverStatusSchema),
        ...UNREADABLE,
        ...UNAVAILABLE,
      }),
    ),
    ofServer(
      post(`${path}/restart`, 'Stop a server once its calls are finished, and start it', {
        200: json('It runs', serverStatusSchema),
        ...UNREADABLE,
        ...UNAVAILABLE,
        504: json('It did not start in time', findToolsFailureSchema),
      }),
    ),
    ofServer(
      post(`${path}/accept-tools`, 'Accept the tools that a server lists now, whatever they were before', {
        200: json('None of them counts as changed any more', serverStatusSchema),
        ...UNREADABLE,
        ...UNAVAILABLE,
      }),
    ),
    withEvents(execute(path)),
  ]
}

function tools(path: string): RouteConfig {
  const query = z.object({
    ask: FLAG.describe('Start a server of which no tools are known, and ask it for them'),
  })
  return {
    ...get(path, 'The tools of a server, as far as they are known', {
      200: json('Every member as the server lists it', TOOLS),
      ...UNKNOWN_SERVER,
      422: json('A part of the query cannot be read', VALIDATION_BODY),
      503: json('They are not known, and why', findToolsFailureSchema),
    }),
    request: { ...NAME, query },
  }
}

function logs(path: string): RouteConfig {
  const query = z.object({
    lines: z.int().min(0).max(LINES.max).default(LINES.byDefault).describe('How many of the last lines'),
    follow: FLAG.describe('Go on with those that are added, as server-sent events `line`'),
  })
  const schema = { type: 'string' } as const
  const content = { 'text/plain': { schema }, 'text/event-stream': { schema } }
  return {
    ...get(path, "The server's error output, and what became of it", {
      200: { description: 'Oldest first, each line with its time', content },
      ...UNKNOWN_SERVER,
      422: json('A part of the query cannot be read', VALIDATION_BODY),
    }),
    request: { ...NAME, query },
  }
}

function execute(path: string): RouteConfig {
  return {
    method: 'post',
    path: `${path}/execute`,
    summary: 'Call a tool of a server once',
    request: { ...NAME, body: jsonBody(TOOL_CALL_JSON_SCHEMA) },
    responses: {
      200: jsonOrEvents(
        "The tool's own result object, as the server sent it; as events `progress`, then `result` or `error`",
        {
          type: 'object',
        },
      ),
      404: json('There is no such server or tool', findToolsFailureSchema),
      409: json('The tool is withheld', findToolsFailureSchema),
      422: json('The body, or what the tool is given, cannot be read', VALIDATION_BODY),
      502: json('The server went away during the call', findToolsFailureSchema),
      ...UNAVAILABLE,
      504: json('The server was too late', findToolsFailureSchema),
    },
  }
}

const TOOLS = {
  type: 'object',
  properties: {
    tools: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          name: { type: 'string' },
          title: { type: 'string' },
          description: { type: 'string' },
          inputSchema: { type: 'object' },
        },
        required: ['name', 'inputSchema'],
      },
    },
  },
  required: ['tools'],
} as const

/** It gives server-sent events to who asks for them in the query, or accepts them. */
function withEvents(route: RouteConfig): RouteConfig {
  const query = z.object({ stream: FLAG.describe('Answer with server-sent events') })
  return { ...route, request: { ...route.request, query } }
}

function ofServer(route: RouteConfig): RouteConfig {
  return { ...route, request: NAME, responses: { ...route.responses, ...UNKNOWN_SERVER } }
}

function post(path: string, summary: string, responses: Responses): RouteConfig {
  return { ...get(path, summary, responses), method: 'post' }
}
