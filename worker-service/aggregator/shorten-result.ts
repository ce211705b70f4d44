import { READ_RESULT_NAME } from '../../shared/contracts/own-tool-names.ts'
import { isJsonObject } from '../../shared/json-object.ts'

/** How a result is shortened. */
export interface ShorteningOptions {
  readonly maxBytes: number
  /** Whether the client counts on `structuredContent`, as the tool that it called has promised one. */
  readonly isStructured: boolean
  /** Whether the client knows links to resources among the contents (since 2025-06-18). */
  readonly knowsLinks: boolean
  /** Keeps a text; undefined where it cannot, else its id. */
  readonly keep: (text: string) => string | undefined
}

// It names no server, as `pilotlight://` does.
const RESULT_URI = 'pilotlight:result/'
const HEAD_BYTES = 8_192
const TAIL_BYTES = 2_048
const SHOWN_SHARE = 0.25

/**
 * A tool's result with the head and the tail of its text alone, that of resources in it included, where that is larger than it may be, and the way to the rest; undefined
 * where it can stay as it is. Images and the like stay, and so does `structuredContent` where it was promised; elsewhere the text has it.
 */
export function shortenResult(
  result: Record<string, unknown>,
  options: ShorteningOptions,
): Record<string, unknown> | undefined {
  const { content, structuredContent, ...rest } = result
  const items: readonly unknown[] = Array.isArray(content) ? content : []
  const texts = items.flatMap((item) => textOf(item) ?? [])
  const isStructureLost = structuredContent !== undefined && !options.isStructured
  const text = texts.length === 0 && isStructureLost ? JSON.stringify(structuredContent, null, 1) : texts.join('\n')
  if (Buffer.byteLength(text) <= options.maxBytes) return undefined
  const id = options.keep(text)
  if (id === undefined) return undefined
  const others = items.filter((item) => textOf(item) === undefined)
  return {
    ...rest,
    content: [...excerpt(text, id, options), ...others],
    ...(options.isStructured && structuredContent !== undefined && { structuredContent }),
  }
}

/** The URI under which a kept result can be read. */
export function toResultUri(id: string): string {
  return `${RESULT_URI}${id}`
}

/** The id of a kept result by its URI; undefined for the URI of anything else. */
export function resultIdOf(uri: string): string | undefined {
  return uri.startsWith(RESULT_URI) ? uri.slice(RESULT_URI.length) : undefined
}

/** Where a text can be cut in two without a character being torn: there or one before. */
export function cutAt(text: string, index: number): number {
  const [before, after] = [text.charCodeAt(index - 1), text.charCodeAt(index)]
  return before >> 10 === 0x36 && after >> 10 === 0x37 ? index - 1 : index
}

function excerpt(text: string, id: string, { maxBytes, knowsLinks }: ShorteningOptions): object[] {
  const shown = Math.floor(maxBytes * SHOWN_SHARE)
  const headEnd = endOfHead(text, Math.min(HEAD_BYTES, shown))
  const tailStart = startOfTail(text, Math.min(TAIL_BYTES, shown))
  const left = `characters ${headEnd} to ${tailStart} of ${text.length} are left out`
  const rest = `call ${READ_RESULT_NAME} with {"id":"${id}","offset":${headEnd}} to read on, or with "grep" to search it`
  const size = Buffer.byteLength(text)
  const link = {
    type: 'resource_link',
    uri: toResultUri(id),
    name: 'The whole result',
    mimeType: 'text/plain',
    size,
  }
  return [
    { type: 'text', text: text.slice(0, headEnd) },
    { type: 'text', text: `[The result is too large: ${left}; ${rest}. Its end follows.]` },
    { type: 'text', text: text.slice(tailStart) },
    ...(knowsLinks ? [link] : []),
  ]
}

function endOfHead(text: string, maxBytes: number): number {
  return new TextEncoder().encodeInto(text, new Uint8Array(maxBytes)).read
}

function startOfTail(text: string, maxBytes: number): number {
  const bytes = Buffer.from(text.slice(Math.max(0, text.length - maxBytes)))
  let start = Math.max(0, bytes.length - maxBytes)
  while (isWithinCharacter(bytes[start])) start++
  return text.length - bytes.toString('utf8', start).length
}

function isWithinCharacter(byte = 0): boolean {
  return byte >> 6 === 0b10
}

/** The text of a content, or of a resource that stands in it. */
function textOf(item: unknown): string | undefined {
  if (!isJsonObject(item)) return undefined
  const { type, text, resource } = item
  if (type === 'resource' && isJsonObject(resource)) return asText(resource['text'])
  return type === 'text' ? asText(text) : undefined
}

function asText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
