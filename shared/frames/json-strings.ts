/** The texts that most frames are made of, names of members and methods. */
const FREQUENT = [
  '2.0',
  '_meta',
  'arguments',
  'content',
  'error',
  'id',
  'jsonrpc',
  'level',
  'method',
  'name',
  'notifications/message',
  'notifications/progress',
  'params',
  'progressToken',
  'requestId',
  'result',
  'structuredContent',
  'tools/call',
  'uri',
]

const LONGEST_KEPT = 64
const PLACES = 256
const QUOTE_BYTES = 2

/** Texts that were read before, each at a place that its ends and its length make out: it is found without being made again. */
const kept = keep(FREQUENT)

/** The value of a JSON string; `start` is where its first quote stands, `end` the place behind its last one. */
export function stringAt(bytes: Buffer, start: number, end: number): string {
  const length = end - start - QUOTE_BYTES
  if (length === 0 || length > LONGEST_KEPT) return unescapedAt(bytes, start, end)
  const place = placeOf(bytes[start + 1] as number, bytes[end - 2] as number, length)
  const known = kept[place]
  if (known !== undefined && known.length === length && standsAt(bytes, start + 1, known)) return known
  const text = unescapedAt(bytes, start, end)
  // Nothing but plain characters of one byte each is as long as its bytes.
  if (text.length === length) kept[place] = text
  return text
}

function unescapedAt(bytes: Buffer, start: number, end: number): string {
  const text = bytes.toString('utf8', start + 1, end - 1)
  return text.includes('\\') ? String(JSON.parse(`"${text}"`)) : text
}

/** Whether these characters, of one byte each, stand at a place. */
export function standsAt(bytes: Buffer, start: number, text: string): boolean {
  for (let index = 0; index < text.length; index++) if (bytes[start + index] !== text.charCodeAt(index)) return false
  return true
}

function keep(texts: readonly string[]): (string | undefined)[] {
  const places: (string | undefined)[] = Array.from({ length: PLACES })
  for (const text of texts) places[placeOf(text.charCodeAt(0), text.charCodeAt(text.length - 1), text.length)] = text
  return places
}

function placeOf(first: number, last: number, length: number): number {
  return (first * 7 + last * 3 + length * 31) % PLACES
}
