import { withoutByteOrderMark } from '../../../../shared/byte-order-mark.ts'
import { parseJson } from '../../../../shared/parse-json.ts'
import { ByteCollector } from './byte-collector.ts'
import type { HttpExchange } from './http-exchange.ts'

const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d
const SPACE = 0x20
const BATCH = /^\s*\[/

/** Reads a whole body. Over `maxBytes` it is given up, and what `tooLarge` makes is thrown. */
export async function readBody(exchange: HttpExchange, maxBytes: number, tooLarge: () => Error): Promise<Buffer> {
  const collector = new ByteCollector()
  let isTooLarge = false
  await exchange.read((chunk) => {
    if (isTooLarge) return
    collector.push(chunk)
    isTooLarge = collector.length > maxBytes
    if (isTooLarge) exchange.abort(tooLarge())
  })
  return collector.take()
}

/** The messages of a JSON body, each as one line: one, or those of a batch (MCP 2025-03-26 alone knows them). */
export function splitMessages(marked: Buffer): Buffer[] {
  const body = withoutByteOrderMark(marked)
  if (!BATCH.test(body.toString('latin1', 0, 64))) return [toLine(body)]
  const messages = parseJson(body.toString())
  return Array.isArray(messages) ? messages.map((message) => Buffer.from(JSON.stringify(message))) : []
}

/** A JSON text without line breaks. Outside its strings they are white space, and within they cannot stand. */
export function toLine(json: Buffer): Buffer {
  if (!json.includes(LINE_FEED) && !json.includes(CARRIAGE_RETURN)) return json
  return json.map((byte) => (byte === LINE_FEED || byte === CARRIAGE_RETURN ? SPACE : byte)) as Buffer
}
