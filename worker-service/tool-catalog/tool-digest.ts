import { isJsonObject } from '../../shared/json-object.ts'
import { sha256 } from '../files/sha256.ts'
import type { ToolDefinition } from './tool-catalog.ts'

/** What tells a tool from any other and from what it was before; the order of its members is no difference. */
export function digestOf(tool: ToolDefinition): string {
  return sha256(inOrder(tool))
}

function inOrder(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inOrder).join()}]`
  if (!isJsonObject(value)) return JSON.stringify(value)
  const members = Object.keys(value).toSorted()
  return `{${members.map((name) => `${JSON.stringify(name)}:${inOrder(value[name])}`).join()}}`
}
