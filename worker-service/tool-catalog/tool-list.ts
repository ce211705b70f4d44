import { isJsonObject } from '../../shared/json-object.ts'
import type { WithheldTool } from '../tool-catalog/server-listing.ts'
import type { ToolDefinition } from '../tool-catalog/tool-catalog.ts'

const MAX_NAME_CHARACTERS = 128
// Control characters, invisible ones and those that turn the reading direction.
const HIDDEN = /[\p{C}\p{Zl}\p{Zp}]/u

/** Sorts what a server lists into tools that can be offered, every member as sent, and those that cannot. */
export function readTools(listed: readonly unknown[]): { tools: ToolDefinition[]; withheld: WithheldTool[] } {
  const tools = new Map<string, ToolDefinition>()
  const withheld: WithheldTool[] = []
  for (const [index, value] of listed.entries()) {
    const read = readTool(value)
    if (typeof read === 'string') withheld.push({ name: nameOf(value) ?? `#${index + 1}`, reason: read })
    else if (tools.has(read.name))
      withheld.push({ name: read.name, reason: 'a tool of this name was listed before it' })
    else tools.set(read.name, read)
  }
  return { tools: [...tools.values()], withheld }
}

function readTool(value: unknown): ToolDefinition | string {
  if (!isJsonObject(value)) return 'it is not an object'
  const { name, title, description, inputSchema } = value
  if (typeof name !== 'string' || name === '') return 'it has no name'
  if (name.length > MAX_NAME_CHARACTERS) return `its name is over ${MAX_NAME_CHARACTERS} characters`
  if (HIDDEN.test(name)) return 'its name has hidden characters'
  if (!isJsonObject(inputSchema)) return 'its inputSchema is not an object'
  if (!isOptionalText(title)) return 'its title is not text'
  if (!isOptionalText(description)) return 'its description is not text'
  return withoutNulls({ ...value, name, inputSchema })
}

function isOptionalText(value: unknown): value is string | null | undefined {
  return value === undefined || value === null || typeof value === 'string'
}

// Some servers send null for what they have not.
function withoutNulls(tool: Record<string, unknown> & Pick<ToolDefinition, 'name' | 'inputSchema'>): ToolDefinition {
  const { title, description, ...rest } = tool
  return {
    ...rest,
    ...(typeof title === 'string' && { title }),
    ...(typeof description === 'string' && { description }),
  }
}

function nameOf(value: unknown): string | undefined {
  if (!isJsonObject(value) || typeof value.name !== 'string' || value.name === '') return undefined
  return value.name.slice(0, MAX_NAME_CHARACTERS)
}
