import * as z from 'zod'
import { WORKER_SERVICE_NAME } from './service-name.ts'

/** `GET /health`: the process is alive. Never depends on anything else; `uptime_s` is in whole seconds. */
export const healthSchema = z.object({
  status: z.literal('healthy'),
  service: z.literal(WORKER_SERVICE_NAME),
  version: z.string(),
  uptime_s: z.number().int().min(0),
})

const dependencySchema = z.object({
  status: z.enum(['ready', 'not_ready']),
  reason: z.string().optional(),
})

/** How searching by meaning does: where it is not ready, searches are by words alone, and `reason` says why. Counts are of tools. */
export const embeddingsStatusSchema = dependencySchema.extend({
  url: z.string(),
  model: z.string(),
  tools: z.number().int().min(0),
  embedded: z.number().int().min(0),
})

/** `GET /ready`: one entry per dependency; 503 when one is not ready, with the reason. `catalog.tools` counts tools; servers are named in the order configured. */
export const readinessSchema = z.object({
  status: z.enum(['ready', 'not_ready']),
  dependencies: z.object({
    /** `embeddings` stands there where an endpoint for them is configured; tools are found without it, too. */
    selector: dependencySchema.extend({ embeddings: embeddingsStatusSchema.optional() }),
    catalog: dependencySchema.extend({
      tools: z.number().int().min(0),
      servers: z.array(z.string()),
      /** Servers that could not be listed, with the reason. */
      skipped: z.record(z.string(), z.string()),
    }),
    pool: dependencySchema,
  }),
})

export type Dependency = z.infer<typeof dependencySchema>
export type EmbeddingsStatus = z.infer<typeof embeddingsStatusSchema>
export type Health = z.infer<typeof healthSchema>
export type Readiness = z.infer<typeof readinessSchema>
