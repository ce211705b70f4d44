import { isJsonObject } from '../../shared/json-object.ts'
import { schemaProblem } from './schema-problem.ts'
import type { WithheldTool } from './server-listing.ts'
import type { ToolDefinition } from './tool-catalog.ts'

const MAX_NAME_CHARACTERS = 128
const OPTIONAL = ['title', 'description', 'outputSchema', 'annotations', 'icons', 'execution', '_meta']

/** Sorts what a server lists into tools that can be offered, every member as sent, and those that cannot. */
export function readTools(listed: readonly unknown[]): { tools: ToolDefinition[]; withheld: WithheldTool[] } {
  const tools: ToolDefinition[] = []
  const withheld: WithheldTool[] = []
  for (const read of readEach(listed)) {
    if ('tool' in read) tools.push(read.tool)
    else withheld.push(read.withheld)
  }
  return { tools, withheld }
}

/** What one of a list is: a tool that can be offered, every member as sent, or one that cannot. */
type ReadTool = { readonly tool: ToolDefinition } | { readonly withheld: WithheldTool }

/** What each of a list is, at its place. */
export function readEach(listed: readonly unknown[]): ReadTool[] {
  const names = new Set<string>()
  return listed.map((value, index) => {
    const tool = readTool(value)
    if (typeof tool === 'string') return { withheld: { name: nameOf(value) ?? `#${index + 1}`, reason: tool } }
    const { name } = tool
    if (names.has(name)) return { withheld: { name, reason: 'a tool of this name was listed before it' } }
    names.add(name)
    return { tool }
  })
}

function readTool(value: unknown): ToolDefinition | string {
  if (!isJsonObject(value)) return 'it is not an object'
  const { name, title, description, inputSchema, outputSchema } = value
  if (typeof name !== 'string' || name === '') return 'it has no name'
  if (name.length > MAX_NAME_CHARACTERS) return `its name is over ${MAX_NAME_CHARACTERS} characters`
  if (!isJsonObject(inputSchema)) return 'its inputSchema is not an object'
  if (!isOptionalText(title)) return 'its title is not text'
  if (!isOptionalText(description)) return 'its description is not text'
  return problemOfSchemas(inputSchema, outputSchema) ?? withoutNulls({ ...value, name, inputSchema })
}

function problemOfSchemas(inputSchema: Record<string, unknown>, outputSchema: unknown): string | undefined {
  const ofInput = schemaProblem(inputSchema, { isCompiled: false })
  if (ofInput !== undefined) return `its inputSchema cannot be used: ${ofInput}`
  if (outputSchema === undefined || outputSchema === null) return undefined
  if (!isJsonObject(outputSchema)) return 'its outputSchema is not an object'
  const ofOutput = schemaProblem(outputSchema, { isCompiled: true })
  return ofOutput && `its outputSchema cannot be used: ${ofOutput}`
}

function isOptionalText(value: unknown): value is string | null | undefined {
  return value === undefined || value === null || typeof value === 'string'
}

// Some servers send null for what they have not, which some clients do not take. All else stays, and in its order.
function withoutNulls(tool: Pick<ToolDefinition, 'name' | 'inputSchema'> & Record<string, unknown>): ToolDefinition {
  const absent = OPTIONAL.filter((member) => tool[member] === null)
  if (absent.length === 0) return tool
  const { name, inputSchema } = tool
  const present = Object.entries(tool).filter(([member]) => !absent.includes(member))
  return { ...Object.fromEntries(present), name, inputSchema }
}

function nameOf(value: unknown): string | undefined {
  if (!isJsonObject(value) || typeof value.name !== 'string' || value.name === '') return undefined
  return value.name.slice(0, MAX_NAME_CHARACTERS)
}
