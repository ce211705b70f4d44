import { isJsonObject } from '../json-object.ts'

// By hand, without zod, which would be a tenth of what a worker holds in memory.

/** The body of `POST /api/v1/tools/search`. `limit` counts tools. */
export interface SearchRequest {
  query: string
  limit: number
}

const LIMIT = { minimum: 1, maximum: 100, default: 10 } as const

/** The body's JSON Schema (2020-12). */
export const SEARCH_REQUEST_JSON_SCHEMA = {
  type: 'object',
  properties: { query: { type: 'string' }, limit: { type: 'number', ...LIMIT } },
  required: ['query'],
} as const

/** Reads the body of a search; a fraction of a tool is none. Returns what is wrong where it cannot be read. */
export function parseSearchRequest(body: unknown): SearchRequest | string {
  if (!isJsonObject(body)) return 'The body should be an object.'
  const { query, limit = LIMIT.default } = body
  if (typeof query !== 'string') return 'query: Input should be a valid string.'
  if (typeof limit === 'number' && limit >= LIMIT.minimum && limit <= LIMIT.maximum) {
    return { query, limit: Math.floor(limit) }
  }
  return `limit: Input should be a number from ${LIMIT.minimum} to ${LIMIT.maximum}.`
}
