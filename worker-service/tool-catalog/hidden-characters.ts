import { isJsonObject } from '../../shared/json-object.ts'
import type { ToolDefinition } from './tool-catalog.ts'

/** Whether a tool says anything in characters that people cannot see and models read: in its name, its descriptions, its schema. */
export function hasHiddenCharacters(tool: ToolDefinition): boolean {
  return mayHide(tool.name) || isHiddenIn(tool)
}

function isHiddenIn(value: unknown): boolean {
  if (typeof value === 'string') return mayHide(value) && mayHide(withoutHarmless(value))
  if (Array.isArray(value)) return value.some(isHiddenIn)
  return isJsonObject(value) && Object.entries(value).some(([name, content]) => mayHide(name) || isHiddenIn(content))
}

// Both patterns stand where they are used: to make them takes a fiftieth of starting Node, and a one-shot needs neither.

// Control characters, invisible ones, those that turn the reading direction; then letters that look like nothing, and selectors of variants.
function mayHide(text: string): boolean {
  return /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]|\u115F|\u1160|\u3164|\uFFA0|[\u{E0100}-\u{E01EF}]/u.test(text)
}

// What those are for: white space, and joining the parts of one emoji.
function withoutHarmless(text: string): string {
  return text.replaceAll(/[\t\n\r]|(?<=\p{Extended_Pictographic}(?:\uFE0F|\p{Emoji_Modifier})?)\u200D/gu, '')
}
