import { createHash } from 'node:crypto'
import type { ListedServer, ToolDefinition } from '../../tool-catalog/tool-catalog.ts'
import { splitWords } from '../index/tokens.ts'
import { serverTexts, toolTexts } from '../index/tool-fields.ts'

/** Models read a few hundred words and drop the rest, or refuse all of it. */
const MAX_CHARACTERS = 1_500

/** A tool as it is told to an embeddings endpoint. The same text has the same `key`, in whatever process. */
export interface ToolText {
  key: string
  text: string
}

/** What is told of a tool: what it is called, of which server it is, what it does and takes. */
export function toToolText(server: ListedServer, tool: ToolDefinition): ToolText {
  const { name, title, description, parameters } = toolTexts(tool)
  const said = `${serverTexts(server).server}: ${splitWords(name).join(' ')}. ${title} ${description} ${splitWords(parameters).join(' ')}`
  const text = toEmbeddedText(said)
  return { key: createHash('sha256').update(text).digest('base64url').slice(0, KEY_LENGTH), text }
}

/** 144 bits: nobody finds another text with the key of one. */
export const KEY_LENGTH = 24

/** A text as it is sent: well-formed, its spaces single, and no longer than models read. */
export function toEmbeddedText(text: string): string {
  return text
    .slice(0, 2 * MAX_CHARACTERS)
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, MAX_CHARACTERS)
    .toWellFormed()
}
