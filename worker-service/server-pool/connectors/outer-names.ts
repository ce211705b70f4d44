const QUOTE = 0x22
const BACKSLASH = 0x5c
const COLON = 0x3a
const LONGEST_NAME = 64
const OPENING = new Set([0x5b, 0x7b])
const CLOSING = new Set([0x5d, 0x7d])

/**
 * The names of a JSON object's members, in order, each when it is met: what tells frames apart stands at the beginning of most, and the
 * megabytes behind it need not be read for it.
 */
export function* outerNames(json: Buffer): Generator<string> {
  let depth = 0
  let text = ''
  for (let at = 0; at < json.length; at++) {
    const byte = json[at] ?? 0
    if (byte === QUOTE) {
      const end = endOfString(json, at)
      if (depth === 1) text = json.toString('latin1', at + 1, Math.min(end, at + LONGEST_NAME))
      at = end
    } else if (depth === 1 && byte === COLON) yield text
    else if (OPENING.has(byte)) depth++
    else if (CLOSING.has(byte)) depth--
  }
}

function endOfString(json: Buffer, start: number): number {
  for (let at = json.indexOf(QUOTE, start + 1); at !== -1; at = json.indexOf(QUOTE, at + 1)) {
    let slashes = 0
    while (json[at - 1 - slashes] === BACKSLASH) slashes++
    if (slashes % 2 === 0) return at
  }
  return json.length
}
