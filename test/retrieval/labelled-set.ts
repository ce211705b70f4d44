import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { z } from 'zod'
import type { ListedServer } from '../../worker-service/tool-catalog/tool-catalog.ts'

/** Settings are tuned on one half of a set's queries only; what they are worth shows on the other. */
export type Half = 'tuned' | 'held out'

/** A query and the tools that fit it. */
export interface LabelledQuery {
  id: string
  query: string
  /** Tool ids; those of one group are interchangeable and count once. None where no tool fits. */
  groups: readonly (readonly string[])[]
  /** What sort of query it is, as its set says. */
  kind: string
  half: Half
}

/** A catalogue of tools, and queries of which it is known what they should find in it. */
export interface LabelledSet {
  name: string
  servers: readonly ListedServer[]
  /** The set's own tool ids, in the order of the servers and their tools. */
  toolIds: readonly string[]
  queries: readonly LabelledQuery[]
}

const toolLine = z.object({
  id: z.string(),
  name: z.string(),
  title: z.string().optional(),
  description: z.string().optional(),
  inputSchema: z.record(z.string(), z.unknown()).default({}),
  server: z.string().default(''),
  serverTitle: z.string().optional(),
  serverDescription: z.string().optional(),
  category: z.string().optional(),
})

const queryLine = z.object({
  id: z.string(),
  query: z.string(),
  relevant: z.array(z.string()),
  groups: z.array(z.array(z.string())).optional(),
  kind: z.string().default(''),
  half: z.enum(['dev', 'test']).optional(),
})

const TOOLS = 'tools.jsonl'
const QUERIES = 'queries.jsonl'

/** Reads every set of a folder: its folders that hold `tools.jsonl` and `queries.jsonl`, or the folder itself where it is one. */
export async function readSets(folder: string): Promise<LabelledSet[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  if (entries.some(({ name }) => name === QUERIES)) return [await readSet(folder)]
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
  const sets: LabelledSet[] = []
  for (const name of names.toSorted()) {
    if ((await readdir(join(folder, name))).includes(QUERIES)) sets.push(await readSet(join(folder, name)))
  }
  if (sets.length === 0) throw new Error(`${folder} holds no labelled set: a folder with ${TOOLS} and ${QUERIES}.`)
  return sets
}

/** Reads one set. Throws an error that names the line where a file is not of the format, or a query wants a tool that there is not. */
export async function readSet(folder: string): Promise<LabelledSet> {
  const lines = await readLines(join(folder, TOOLS), toolLine)
  const known = new Set(lines.map(({ id }) => id))
  const queries = (await readLines(join(folder, QUERIES), queryLine)).map(toQuery)
  for (const { id, groups } of queries) {
    const unknown = groups.flat().find((tool) => !known.has(tool))
    if (unknown !== undefined)
      throw new Error(`${join(folder, QUERIES)}: ${id} wants ${unknown}, which ${TOOLS} has not.`)
  }
  return { name: basename(folder), ...toServers(lines), queries }
}

async function readLines<T>(path: string, schema: z.ZodType<T>): Promise<T[]> {
  const lines = (await readFile(path, 'utf8')).split('\n')
  return lines.flatMap((line, index) => (line.trim() === '' ? [] : [readLine(line, schema, `${path}:${index + 1}`)]))
}

function readLine<T>(line: string, schema: z.ZodType<T>, place: string): T {
  try {
    return schema.parse(JSON.parse(line))
  } catch (thrown) {
    const reason = thrown instanceof z.ZodError ? z.prettifyError(thrown) : String(thrown)
    throw new Error(`${place}: ${reason}`, { cause: thrown })
  }
}

function toQuery({ id, query, relevant, groups, kind, half }: z.infer<typeof queryLine>): LabelledQuery {
  const wanted = groups?.filter((group) => group.length > 0) ?? []
  return {
    id,
    query,
    groups: wanted.length > 0 ? wanted : relevant.map((tool) => [tool]),
    kind,
    half: half === undefined ? halfOf(id) : half === 'dev' ? 'tuned' : 'held out',
  }
}

// The same half in every run, whatever else is in the file (FNV-1a, of which the upper bits are the better mixed).
function halfOf(id: string): Half {
  let hash = 0x811c9dc5
  for (const byte of Buffer.from(id)) hash = Math.imul(hash ^ byte, 0x01000193)
  return (hash >>> 16) & 1 ? 'tuned' : 'held out'
}

function toServers(lines: readonly z.infer<typeof toolLine>[]): Pick<LabelledSet, 'servers' | 'toolIds'> {
  const byServer = Map.groupBy(lines, ({ server }) => server)
  const servers = Array.from(byServer, ([name, tools]) => ({
    name,
    title: tools[0]?.serverTitle,
    description: tools[0]?.serverDescription,
    tools: tools.map((tool) => ({
      name: tool.name,
      title: tool.title,
      description: tool.description,
      inputSchema: tool.inputSchema,
      ...(tool.category === undefined ? {} : { _meta: { tags: [tool.category] } }),
    })),
  }))
  return { servers, toolIds: [...byServer.values()].flat().map(({ id }) => id) }
}
