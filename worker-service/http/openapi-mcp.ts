import type { RouteConfig } from '@hono/zod-openapi'
import * as z from 'zod'
import { SERVER_NAME } from '../../shared/contracts/server-name.ts'
import { SESSION_HEADER } from './mcp/mcp-session.ts'
import { json, jsonBody, jsonOrEvents, type Responses } from './openapi-parts.ts'

const MESSAGE = { type: 'object', properties: { jsonrpc: { const: '2.0' } }, required: ['jsonrpc'] } as const
const SESSION = z.object({ [SESSION_HEADER]: z.string() })

const NOT_READ = json('The message or a header cannot be read, and why, as an error of JSON-RPC', MESSAGE)
const NOT_ACCEPTED = json('The client does not accept what may come', MESSAGE)
const OVER: Responses = { 404: json('There is no such server, or the session is over: send initialize anew', MESSAGE) }

/** The routes of MCP's Streamable HTTP: to one server, and to all of them at once. */
export function mcpRoutes(): RouteConfig[] {
  const name = { params: z.object({ name: z.string().regex(SERVER_NAME) }) }
  return [...endpoint('/mcp', 'all servers at once', {}), ...endpoint('/mcp/{name}', 'one server', name)]
}

function endpoint(path: string, whom: string, server: NonNullable<RouteConfig['request']>): RouteConfig[] {
  return [
    {
      method: 'post',
      path,
      summary: `Send a message of MCP to ${whom}`,
      request: { ...server, headers: SESSION.partial(), body: jsonBody(MESSAGE) },
      responses: {
        200: jsonOrEvents(`The answer; to initialize with the ${SESSION_HEADER} header that all others need`, MESSAGE),
        202: { description: 'It was taken and has no answer' },
        400: NOT_READ,
        ...OVER,
        406: NOT_ACCEPTED,
        503: json('There is no place for another client; see Retry-After', MESSAGE),
      },
    },
    {
      method: 'get',
      path,
      summary: `Listen to ${whom}, or go on where a connection broke`,
      request: { ...server, headers: SESSION.extend({ 'last-event-id': z.string().optional() }) },
      responses: {
        200: {
          description: 'Messages as server-sent events',
          content: { 'text/event-stream': { schema: { type: 'string' } } },
        },
        204: { description: 'Nothing more comes of what the event belongs to' },
        400: NOT_READ,
        ...OVER,
        406: NOT_ACCEPTED,
      },
    },
    {
      method: 'delete',
      path,
      summary: `End a session with ${whom}`,
      request: { ...server, headers: SESSION },
      responses: { 204: { description: 'It is over' }, 400: NOT_READ, ...OVER },
    },
  ]
}
