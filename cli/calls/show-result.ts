import { isJsonObject } from '../../shared/json-object.ts'
import { escapeText } from '../output/escape.ts'

/** What a tool answered, to be shown: an error goes to stderr. */
export interface ShownResult {
  readonly text: string
  readonly isError: boolean
}

/** How a result is shown: as the whole object, and whether a terminal would obey what stands in it. */
export interface ShowOptions {
  readonly json: boolean
  readonly isTerminal: boolean
}

/** A result as text: text as text, everything else as JSON; or, for `--json`, all of it as the server sent it. */
export function showResult(raw: string, { json, isTerminal }: ShowOptions): ShownResult {
  const result: unknown = JSON.parse(raw)
  const isError = isJsonObject(result) && result.isError === true
  const text = json ? raw : textOf(result)
  return { text: endLine(isTerminal ? escapeText(text) : text), isError }
}

function textOf(result: unknown): string {
  if (!isJsonObject(result)) return toJson(result)
  const content = Array.isArray(result.content) ? result.content : []
  // What is structured stands in the content as text too, where it stands there.
  if (content.length === 0) return result.structuredContent === undefined ? '' : toJson(result.structuredContent)
  return content.map(itemText).join('\n')
}

function itemText(item: unknown): string {
  const isText = isJsonObject(item) && item.type === 'text' && typeof item.text === 'string'
  return isText ? String(item.text) : toJson(item)
}

function toJson(value: unknown): string {
  return JSON.stringify(value, undefined, 2)
}

function endLine(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`
}
