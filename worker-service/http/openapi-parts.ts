import type { RouteConfig } from '@hono/zod-openapi'
import type * as z from 'zod'
import { findToolsFailureSchema } from '../../shared/contracts/find-tools.ts'

/** What a route may answer, by status. */
export type Responses = RouteConfig['responses']

/** The body of a 422 answer. */
export const VALIDATION_BODY = {
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

/** What every route behind the guard may answer. */
export const REFUSALS: Responses = {
  401: json('A token is needed', findToolsFailureSchema),
  403: json('The Host or Origin is not allowed', findToolsFailureSchema),
  413: json('The body is too large', findToolsFailureSchema),
  415: json('The body is not application/json', findToolsFailureSchema),
}

// A type of its own: the library's names for these lie in a package it does not re-export.
type JsonSchema = Record<string, unknown>

/** An answer with a JSON body. */
export function json(description: string, schema: z.ZodType | JsonSchema): Responses[number] {
  return { description, content: { 'application/json': { schema } } }
}

/** An answer with a JSON body, or with server-sent events; `description` says which. */
export function jsonOrEvents(description: string, schema: z.ZodType | JsonSchema): Responses[number] {
  const content = { 'application/json': { schema }, 'text/event-stream': { schema: { type: 'string' } } } as const
  return { description, content }
}

/** A JSON body that must be there. */
export function jsonBody(schema: JsonSchema) {
  return { required: true, content: { 'application/json': { schema } } }
}

/** A route that is asked with GET. */
export function get(path: string, summary: string, responses: Responses): RouteConfig {
  return { method: 'get', path, summary, responses }
}
