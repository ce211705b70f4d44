const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d
const SPACE = 0x20

/**
 * A JSON text without line breaks, itself where it has none. Between tokens a line break is a space; within a string it cannot stand. Left
 * in, it would cut the frame in two on a line-wise transport.
 */
export function toLine(json: Buffer): Buffer {
  if (!json.includes(LINE_FEED) && !json.includes(CARRIAGE_RETURN)) return json
  const line = Buffer.from(json)
  for (let at = 0; at < line.length; at++) {
    if (line[at] === LINE_FEED || line[at] === CARRIAGE_RETURN) line[at] = SPACE
  }
  return line
}
