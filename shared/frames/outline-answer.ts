import { type AnswerFrame, tokenAt } from './frame-scan.ts'
import { standsAt } from './json-strings.ts'

/** What is told of an answer without a look at what it says. */
export type AnswerOutline = Omit<AnswerFrame, 'spans'>

const ID_FIRST = '{"jsonrpc":"2.0","id":'
const ID_LAST = ',"id":'
const CLOSE_BRACE = 0x7d
const ZERO = 0x30

/**
 * Tells an answer by its first and last bytes, as most servers write them: with a whole number for an id, before all that it says or
 * behind it; undefined where these do not tell. Only for frames that `scanFrame` has found usable, whoever called it, such as all that a
 * worker sends: the last brace of JSON ends the frame itself, so the id before it is the frame's, and it has no other one.
 */
export function outlineAnswer(bytes: Buffer): AnswerOutline | undefined {
  return standsAt(bytes, 0, ID_FIRST) ? withIdFirst(bytes) : withIdLast(bytes)
}

function withIdFirst(bytes: Buffer): AnswerOutline | undefined {
  const start = ID_FIRST.length
  let end = start
  while (isDigit(bytes[end])) end++
  const failed = standsAt(bytes, end, ',"error":')
  return failed || standsAt(bytes, end, ',"result":') ? outline(bytes, { start, end }, failed) : undefined
}

function withIdLast(bytes: Buffer): AnswerOutline | undefined {
  const failed = standsAt(bytes, 0, '{"error":')
  const end = bytes.length - 1
  if ((!failed && !standsAt(bytes, 0, '{"result":')) || bytes[end] !== CLOSE_BRACE) return undefined
  let start = end
  while (isDigit(bytes[start - 1])) start--
  return standsAt(bytes, start - ID_LAST.length, ID_LAST) ? outline(bytes, { start, end }, failed) : undefined
}

function outline(bytes: Buffer, span: { start: number; end: number }, failed: boolean): AnswerOutline | undefined {
  const id = span.start < span.end ? tokenAt(bytes, span) : undefined
  return id && { kind: 'answer', bytes, id, failed }
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && (byte ^ ZERO) < 10
}
