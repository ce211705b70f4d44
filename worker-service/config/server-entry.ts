import * as z from 'zod'
import { isJsonObject } from '../../shared/json-object.ts'

const MAX_MS = 3_600_000
const MAX_MINUTES = 7 * 24 * 60
const KIB = 1024
const GIB = 1024 ** 3

const globs = z.array(z.string().min(1))
// Numbers and booleans are written in such places often enough; only their text reaches the server.
const textByName = z.record(
  z.string(),
  z.union([z.string(), z.number().transform(String), z.boolean().transform(String)]),
)

const delayMs = z.int().min(1).max(MAX_MS)

const restartSchema = z.object({
  minDelayMs: delayMs.optional(),
  maxDelayMs: delayMs.optional(),
  stableAfterMs: delayMs.optional(),
  maxCrashes: z.int().min(1).optional(),
  crashWindowMs: delayMs.optional(),
  probeEveryMs: delayMs.optional(),
})

/** What can be said of every server, in its entry or for all of them in the `pool` section. */
const serverSettingsSchema = z.object({
  autoStart: z.boolean().optional(),
  keepAliveMinutes: z.number().min(0).max(MAX_MINUTES).optional(),
  /** The same in seconds, as other programs have it. */
  idleTimeout: z
    .number()
    .min(0)
    .max(MAX_MINUTES * 60)
    .optional(),
  maxClients: z.int().min(1).optional(),
  share: z.enum(['auto', 'all', 'client', 'project']).optional(),
  startTimeoutMs: z.int().min(1).max(MAX_MS).optional(),
  callTimeoutMs: z.int().min(1).max(MAX_MS).optional(),
  restart: z.preprocess(toCamelCaseKeys, restartSchema).optional(),
  heartbeatSeconds: z.number().min(0).max(86_400).optional(),
  maxMessageBytes: z.int().min(KIB).max(GIB).optional(),
  maxMemoryMb: z.number().min(1).optional(),
  onToolChange: z.enum(['warn', 'block', 'off']).optional(),
  disabled: z.boolean().optional(),
  includeTools: globs.optional(),
  excludeTools: globs.optional(),
  pinnedTools: globs.optional(),
})

/** One entry of `mcpServers` as it is written, its keys in camelCase. */
export const serverEntrySchema = serverSettingsSchema.extend({
  type: z.enum(['stdio', 'http', 'streamable-http', 'streamableHttp', 'sse']).optional(),
  command: z.string().min(1).optional(),
  args: z.array(z.string()).optional(),
  env: textByName.optional(),
  cwd: z.string().min(1).optional(),
  url: z.string().min(1).optional(),
  headers: textByName.optional(),
})

/** The `pool` section: settings for every server, and limits for all together. */
export const poolSectionSchema = serverSettingsSchema.extend({ maxSize: z.int().min(1).optional() })

/** Settings of one server or of all, as written. Times and sizes are in the unit their name ends in. */
export type WrittenSettings = z.infer<typeof serverSettingsSchema>

/** An entry whose members have the right types; whether they go together is not yet known. */
export type ServerEntry = z.infer<typeof serverEntrySchema>

/** Parses one section of a configuration. What is wrong is added to `mistakes`, each with its place, and gives undefined. */
export function parseSection<Schema extends z.ZodType>(
  schema: Schema,
  { value, place }: { value: unknown; place: string },
  mistakes: string[],
): z.infer<Schema> | undefined {
  const parsed = schema.safeParse(toCamelCaseKeys(value))
  if (parsed.success) return parsed.data
  for (const { path, message } of parsed.error.issues) mistakes.push(`${[place, ...path].join(': ')}: ${message}`)
  return undefined
}

// Programs that write such files put null where nothing is set.
function toCamelCaseKeys(section: unknown): unknown {
  if (!isJsonObject(section)) return section
  const set = Object.entries(section).filter(([, value]) => value !== null)
  const spelled = set.map(([key, value]) => [
    key.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
    value,
  ])
  // A key in both spellings: the camelCase one has the last word.
  return { ...Object.fromEntries(spelled), ...Object.fromEntries(set) }
}
