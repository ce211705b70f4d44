import { withoutByteOrderMark } from '../../../../shared/byte-order-mark.ts'
import { toLine } from '../../../../shared/frames/to-line.ts'
import { parseJson } from '../../../../shared/parse-json.ts'
import { ByteCollector } from './byte-collector.ts'
import type { HttpExchange } from './http-exchange.ts'

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
