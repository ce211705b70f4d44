const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN_BRACKET = 0x5b
const OPEN_BRACE = 0x7b
const CLOSE_BRACKET = 0x5d
const CLOSE_BRACE = 0x7d

/** How deep JSON from outside may nest: `JSON.stringify` and `structuredClone` overflow the stack from about 5,000 levels. */
export const MAX_JSON_NESTING = 64

/** Whether JSON text (UTF-8) nests deeper than `limit` arrays and objects. Linear, and safe on text that is not JSON at all. */
export function nestsDeeperThan(limit: number, bytes: Uint8Array): boolean {
  // Most texts have fewer brackets than levels are allowed, and counting those takes the engine a tenth of the walk below.
  if (count(OPEN_BRACE, bytes, limit) + count(OPEN_BRACKET, bytes, limit) <= limit) return false
  let depth = 0
  let inString = false
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]
    if (inString) {
      if (byte === BACKSLASH) i++
      else if (byte === QUOTE) inString = false
    } else if (byte === QUOTE) inString = true
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      if (++depth > limit) return true
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) depth--
  }
  return false
}

/** How often a byte occurs, counted no further than just above `limit`. */
function count(byte: number, bytes: Uint8Array, limit: number): number {
  let found = 0
  for (let at = bytes.indexOf(byte); at >= 0 && found <= limit; at = bytes.indexOf(byte, at + 1)) found++
  return found
}
