import type { JsonRpcError } from '../errors/json-rpc-error.ts'
import type { AnswerFrame, FramePath, Scanned } from './frame-scan.ts'
import type { Span } from './json-scanner.ts'

// A part of what was read keeps all of it: what waits for a slow client would keep many times its size if small frames were parts, too.
const MIN_READDRESSED_BYTES = 16 * 1024

/** What is to stand at a range of bytes instead, as Latin-1 text of the new bytes. */
export interface Replacement {
  readonly span: Span
  readonly raw: string
}

/** A copy of the bytes with those ranges replaced, every other byte as it was. The ranges may come in any order; none overlap. */
export function replaceSpans(bytes: Buffer, replacements: readonly Replacement[]): Buffer {
  const inOrder = replacements.length < 2 ? replacements : replacements.toSorted((a, b) => a.span.start - b.span.start)
  let length = bytes.length
  for (const { span, raw } of inOrder) length += raw.length - (span.end - span.start)
  const target = Buffer.allocUnsafe(length)
  let read = 0
  let written = 0
  for (const { span, raw } of inOrder) {
    written += bytes.copy(target, written, read, span.start)
    // A few bytes: in a loop they are written in less time than the call of a native function takes.
    for (let index = 0; index < raw.length; index++) target[written++] = raw.charCodeAt(index)
    read = span.end
  }
  bytes.copy(target, written, read)
  return target
}

/** A copy of a frame with those members replaced that it has; values are Latin-1 text of the new bytes. */
export function rewriteFrame(frame: Scanned, members: Partial<Record<FramePath, string>>): Buffer {
  const replacements: Replacement[] = []
  for (const path in members) {
    const span = frame.spans.get(path as FramePath)
    if (span !== undefined) replacements.push({ span, raw: members[path as FramePath] as string })
  }
  return replaceSpans(frame.bytes, replacements)
}

/**
 * As {@link rewriteFrame}, of the id alone. A large frame is changed itself where the new id is no longer than the old one, and is of no
 * other use afterwards: a copy of 100 KB costs more than routing it, for V8 collects all garbage every so many bytes outside its heap.
 */
export function readdressFrame(frame: AnswerFrame, idRaw: string): Buffer {
  const { bytes, spans } = frame
  const span = spans.get('id')
  const shorterBy = span === undefined ? -1 : span.end - span.start - idRaw.length
  if (span === undefined || shorterBy < 0 || bytes.length < MIN_READDRESSED_BYTES)
    return rewriteFrame(frame, { id: idRaw })
  const { start, end } = span
  // What is shorter moves up to the other: most often a few bytes, before the id or after it.
  if (start < bytes.length - end) {
    bytes.copyWithin(shorterBy, 0, start)
    bytes.write(idRaw, start + shorterBy, 'latin1')
    return bytes.subarray(shorterBy)
  }
  bytes.write(idRaw, start, 'latin1')
  bytes.copyWithin(end - shorterBy, end)
  return bytes.subarray(0, bytes.length - shorterBy)
}

/** The answer to a request; `idRaw` is its id as Latin-1 text of the bytes it came in, `result` JSON text. */
export function resultFrame(idRaw: string, result: string): Buffer {
  return withId(idRaw, `"result":${result}`)
}

/** As {@link resultFrame}, with a result that is kept in bytes. */
export function recalledFrame(idRaw: string, result: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`{"jsonrpc":"2.0","id":${idRaw},"result":`, 'latin1'), result, Buffer.from('}')])
}

/** The error answer to a request; `idRaw` as in {@link resultFrame}, `null` where no id could be read. */
export function errorFrame(idRaw: string, error: JsonRpcError): Buffer {
  return withId(idRaw, `"error":${JSON.stringify(error)}`)
}

/** A request of our own. */
export function requestFrame(id: number | string, method: string, params?: object): Buffer {
  return Buffer.from(JSON.stringify({ jsonrpc: '2.0', id, method, params }))
}

/** A notification of our own. */
export function notificationFrame(method: string, params?: object): Buffer {
  return Buffer.from(JSON.stringify({ jsonrpc: '2.0', method, params }))
}

// The id's bytes need not be UTF-8, all else is.
function withId(idRaw: string, rest: string): Buffer {
  return Buffer.concat([Buffer.from(`{"jsonrpc":"2.0","id":${idRaw},`, 'latin1'), Buffer.from(`${rest}}`)])
}
