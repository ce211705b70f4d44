import * as z from 'zod'

/** The body of `POST /servers/{name}/execute`. */
export const toolCallSchema = z.object({
  tool: z.string().min(1),
  arguments: z.record(z.string(), z.unknown()).default({}),
})

export type ToolCall = z.infer<typeof toolCallSchema>
