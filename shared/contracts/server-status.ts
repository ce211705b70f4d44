import * as z from 'zod'

/** One configured server. Times are ISO 8601; `why` and `next` are sentences for people. */
export const serverStatusSchema = z.object({
  name: z.string(),
  state: z.enum(['cold', 'starting', 'ready', 'backing-off', 'failed', 'stopping', 'disabled']),
  since: z.iso.datetime(),
  why: z.string(),
  /** What happens next. */
  next: z.string(),
  /** The process of its oldest instance; null where none runs. */
  pid: z.number().int().nullable(),
  /** Processes or connections of it: more than one where clients have their own. */
  instances: z.number().int().min(0),
  clients: z.number().int().min(0),
  max_clients: z.number().int().min(0),
  in_flight: z.number().int().min(0),
  /** Tool calls so far. */
  calls: z.number().int().min(0),
  restarts: z.number().int().min(0),
  last_used: z.iso.datetime().nullable(),
  /** Resident memory in MB; null where it cannot be told. */
  memory_mb: z.number().min(0).nullable(),
  /** Tools that are neither shown nor found nor called, and why: a clause for people. */
  withheld: z.array(z.object({ tool: z.string(), reason: z.string() })),
  /** Tools that are not as they were accepted, by name; null where all are, or `onToolChange` is `off`. */
  tools_changed: z
    .object({ changed: z.array(z.string()), added: z.array(z.string()), removed: z.array(z.string()) })
    .nullable(),
  /** Tools that say something in characters that cannot be seen. */
  hidden_characters: z.array(z.string()),
})

/** `GET /status`: the service, and every configured server by name. */
export const statusSchema = z.object({
  service: z.object({
    version: z.string(),
    pid: z.number().int(),
    uptime_s: z.number().int().min(0),
    config_path: z.string(),
    /** Why what lies there is not what is in use, in sentences for people; null while it is. */
    config_problem: z.string().nullable(),
    /** What keeps servers from outliving a worker that is killed, the strongest first. */
    isolation: z.enum(['pid-namespace', 'guardian', 'process-group']),
    counts: z.object({
      servers: z.number().int().min(0),
      /** Servers of which at least one process runs. */
      running: z.number().int().min(0),
      clients: z.number().int().min(0),
      in_flight: z.number().int().min(0),
    }),
  }),
  servers: z.array(serverStatusSchema),
})

export type ServerStatus = z.infer<typeof serverStatusSchema>
export type Status = z.infer<typeof statusSchema>
