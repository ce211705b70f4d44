/** The texts that most frames are made of, names of members and methods, by their length. */
const BY_LENGTH = groupByLength([
  '2.0',
  '_meta',
  'arguments',
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
  'tools/call',
  'uri',
])

/** The text that stands at a range of bytes, when it is one that frames have all the time: it is found without a string being made. */
export function frequentText(bytes: Buffer, start: number, end: number): string | undefined {
  const candidates = BY_LENGTH[end - start]
  if (candidates === undefined) return undefined
  for (const text of candidates) if (standsAt(bytes, start, text)) return text
  return undefined
}

function standsAt(bytes: Buffer, start: number, text: string): boolean {
  for (let index = 0; index < text.length; index++) if (bytes[start + index] !== text.charCodeAt(index)) return false
  return true
}

function groupByLength(texts: readonly string[]): readonly (readonly string[])[] {
  const longest = Math.max(...texts.map(({ length }) => length))
  return Array.from({ length: longest + 1 }, (_, length) => texts.filter((text) => text.length === length))
}
