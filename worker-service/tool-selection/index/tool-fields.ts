import { isJsonObject } from '../../../shared/json-object.ts'
import type { ListedServer, ToolDefinition } from '../../tool-catalog/tool-catalog.ts'
import { withoutStuffing } from './stuffing.ts'

/** The parts of a tool that are searched, in the order in which reasons name them. */
export const FIELDS = [
  'name',
  'title',
  'description',
  'parameters',
  'parameter descriptions',
  'enum values',
  'tags',
  'server',
  'server description',
] as const

/** One of {@link FIELDS}. */
export type Field = (typeof FIELDS)[number]

/** Those that all tools of a server share. */
export const SERVER_FIELDS = ['server', 'server description'] as const satisfies readonly Field[]

/** How many characters of each field are searched: the texts are strangers' own, and length must win nothing. */
const MAX_CHARACTERS = { short: 300, description: 2_000, parameters: 4_000 } as const
const MAX_TAGS = 10
const MAX_SCHEMA_DEPTH = 8
const MAX_SCHEMA_NODES = 500

type SchemaTexts = Record<'parameters' | 'parameter descriptions' | 'enum values', string>

/** The searchable text of a server, the same for each of its tools. */
export function serverTexts({ name, title, description }: ListedServer) {
  return {
    server: cut(`${name} ${title ?? ''}`, MAX_CHARACTERS.short),
    'server description': cut(description ?? '', MAX_CHARACTERS.short),
  }
}

/** The searchable text of a tool itself. Whatever a server sent in place of a string or a schema counts as absent. */
export function toolTexts(tool: ToolDefinition) {
  return {
    name: cut(tool.name, MAX_CHARACTERS.short),
    title: readable(tool.title, MAX_CHARACTERS.short),
    description: readable(tool.description, MAX_CHARACTERS.description),
    ...schemaTexts(tool.inputSchema),
    tags: cut([...new Set(tagsOf(tool))].slice(0, MAX_TAGS).join(' '), MAX_CHARACTERS.short),
  }
}

// Frameworks tag tools in `_meta`, at its top or in an object under their own name (FastMCP: `_meta.fastmcp.tags`).
function tagsOf({ _meta: meta }: ToolDefinition): string[] {
  const holders = isJsonObject(meta) ? [meta, ...Object.values(meta)] : []
  return holders
    .flatMap((holder) => (isJsonObject(holder) ? listOf(holder.tags) : []))
    .filter((tag) => typeof tag === 'string')
}

function schemaTexts(schema: unknown): SchemaTexts {
  const names: string[] = []
  const descriptions: string[] = []
  const enums: string[] = []
  // Breadth first, so that a huge branch cannot hide the parameters beside it.
  let level: unknown[] = [schema]
  let nodes = 0
  for (let depth = 0; depth < MAX_SCHEMA_DEPTH && level.length > 0; depth++) {
    const next: unknown[] = []
    for (const node of level) {
      if (!isJsonObject(node) || ++nodes > MAX_SCHEMA_NODES) continue
      if (depth > 0) descriptions.push(...readableTexts(node))
      if (Array.isArray(node.enum)) enums.push(...node.enum.filter((value) => typeof value === 'string'))
      if (typeof node.const === 'string') enums.push(node.const)
      if (isJsonObject(node.properties)) names.push(...Object.keys(node.properties))
      pushSchemasWithin(node, next)
    }
    level = next
  }
  return {
    parameters: cut(names.join(' '), MAX_CHARACTERS.parameters),
    'parameter descriptions': cut(descriptions.join(' '), MAX_CHARACTERS.parameters),
    'enum values': cut([...new Set(enums)].join(' '), MAX_CHARACTERS.description),
  }
}

function readableTexts({ title, description }: Record<string, unknown>): string[] {
  const texts = [readable(title, MAX_CHARACTERS.description), readable(description, MAX_CHARACTERS.description)]
  return texts.filter((text) => text !== '')
}

const SCHEMAS_BY_NAME = ['properties', '$defs', 'definitions'] as const
const SCHEMA_ITSELF = ['items', 'additionalProperties'] as const
const SCHEMA_LISTS = ['anyOf', 'oneOf', 'allOf'] as const

// Most have none of these, and there is one for each parameter of each tool: nothing is made for what is not there.
function pushSchemasWithin(schema: Record<string, unknown>, into: unknown[]): void {
  for (const key of SCHEMAS_BY_NAME) {
    const schemas = schema[key]
    if (isJsonObject(schemas)) into.push(...Object.values(schemas))
  }
  for (const key of SCHEMA_ITSELF) if (isJsonObject(schema[key])) into.push(schema[key])
  for (const key of SCHEMA_LISTS) {
    const schemas = schema[key]
    if (Array.isArray(schemas)) into.push(...schemas)
  }
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

// Cut first, so that no more is looked at than may count.
function readable(value: unknown, length: number): string {
  return typeof value === 'string' ? withoutStuffing(cut(value, length)) : ''
}

function cut(text: string, length: number): string {
  return text.length > length ? text.slice(0, length) : text
}
