import * as z from 'zod'

/** `POST /api/v1/tools/search`: one tool found, with its JSON Schema. `score` is 0..100. */
export const searchResultSchema = z.object({
  tool_id: z.string(),
  name: z.string(),
  description: z.string(),
  mcp_server_name: z.string(),
  json_schema: z.unknown(),
  score: z.number(),
})

/** `GET /api/v1/health` of a selector; what else it says is kept. */
export const selectorHealthSchema = z.looseObject({ status: z.string() })

export type SearchResult = z.infer<typeof searchResultSchema>
