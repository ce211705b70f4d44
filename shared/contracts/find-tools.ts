import * as z from 'zod'
import { ERROR_CODES } from '../errors/error-code.ts'

/** Whom found tools are attached to: an agent by its id, for the MCP session that names it where there is one, such a session, or nobody. */
export type Caller =
  | { kind: 'agent'; id: string; session?: string }
  | { kind: 'session'; id: string }
  | { kind: 'nobody' }

/** A tool of another server that does nearly the same as one that was found, and how it differs from that, on a line. */
export const siblingSchema = z.object({ tool_id: z.string(), name: z.string(), difference: z.string() })

/**
 * A tool that was found. `input_schema` is the tool's JSON Schema; in compact answers `signature` says the same on a line. `reasons`
 * stands only in detailed answers. `siblings` are told once, by the first of those that were found.
 */
export const foundToolSchema = z.looseObject({
  tool_id: z.string().min(1),
  name: z.string().min(1),
  server: z.string().nullish(),
  description: z.string().nullish(),
  match_score: z.number().min(0).max(100).nullish(),
  input_schema: z.unknown().optional(),
  signature: z.string().optional(),
  reasons: z.array(z.string()).optional(),
  siblings: z.array(siblingSchema).optional(),
})

/** A tool that could not be attached, and why. */
export const failedAttachmentSchema = z.looseObject({
  tool_id: z.string(),
  name: z.string().nullish(),
  error: z.string().nullish(),
})

/** Whether tools were ranked by meaning too: not where words leave no doubt, nor where it cannot be done, for which there is a `reason`. */
export const embeddingsUsageSchema = z.object({ used: z.boolean(), reason: z.string().optional() })

/** What happened, in numbers and names. `*_tools` are tool ids; counts are of tools. */
export const findToolsDetailsSchema = z.looseObject({
  successful_attachments: z.array(foundToolSchema),
  detached_tools: z.array(z.string()),
  failed_attachments: z.array(failedAttachmentSchema),
  preserved_tools: z.array(z.string()),
  processed_count: z.number().int().min(0),
  passed_filter_count: z.number().int().min(0),
  success_count: z.number().int().min(0),
  failure_count: z.number().int().min(0),
  target_agent: z.string().nullable(),
  /** Absent where no embeddings are configured. */
  embeddings: embeddingsUsageSchema.optional(),
})

/** The answer to a find_tools call that ran. */
export const findToolsSuccessSchema = z.object({
  status: z.literal('success'),
  message: z.string(),
  details: findToolsDetailsSchema,
})

/** The answer to a find_tools call that failed. */
export const findToolsFailureSchema = z.object({
  status: z.literal('error'),
  message: z.string(),
  code: z.enum(ERROR_CODES),
  details: z.unknown(),
})

/** The same object on every path: HTTP body, MCP `structuredContent`, the one-shot's line, the command's `--json`. */
export const findToolsAnswerSchema = z.discriminatedUnion('status', [findToolsSuccessSchema, findToolsFailureSchema])

export type Sibling = z.infer<typeof siblingSchema>
export type FoundTool = z.infer<typeof foundToolSchema>
export type FailedAttachment = z.infer<typeof failedAttachmentSchema>
export type FindToolsDetails = z.infer<typeof findToolsDetailsSchema>
export type FindToolsSuccess = z.infer<typeof findToolsSuccessSchema>
export type FindToolsAnswer = z.infer<typeof findToolsAnswerSchema>
