import { INVALID_REQUEST, PARSE_ERROR } from '../errors/json-rpc-code.ts'
import { MAX_JSON_NESTING } from '../json-nesting.ts'
import { JsonScanner, JsonSyntaxError, type Span } from './json-scanner.ts'
import { stringAt } from './json-strings.ts'
import { type LocatedMembers, locateMembers, type WantedMembers } from './locate-members.ts'
import { Spans } from './spans.ts'
import { toLine } from './to-line.ts'

/** A request id or progress token: its value, and `raw`, the very bytes it came in (JSON, as Latin-1 text). `1` and `"1"` differ. */
export interface Token {
  readonly value: string | number
  readonly raw: string
}

/** The members of a frame that routing looks at. */
export type FramePath =
  | 'jsonrpc'
  | 'id'
  | 'method'
  | 'result'
  | 'error'
  | 'params'
  | 'params._meta'
  | 'params._meta.progressToken'
  | 'params._meta.relatedTask'
  | 'params._meta.relatedTask.taskId'
  | 'params.level'
  | 'params.mode'
  | 'params.name'
  | 'params.progressToken'
  | 'params.requestId'
  | 'params.task'
  | 'params.taskId'
  | 'params.tools'
  | 'params.uri'

/** A frame's bytes and what was found in them. */
export interface Scanned {
  /** The frame as it came, but for line breaks between its tokens, which are spaces now. */
  readonly bytes: Buffer
  /** Where the members that routing looks at stand in `bytes`, by their path (`params.uri`). */
  readonly spans: Omit<Spans<FramePath>, 'add'>
}

/** A message that wants an answer. */
export interface RequestFrame extends Scanned {
  readonly kind: 'request'
  readonly id: Token
  readonly method: string
}

/** A message that wants none. */
export interface NotificationFrame extends Scanned {
  readonly kind: 'notification'
  readonly method: string
}

/** A response; `failed` when it carries an error. */
export interface AnswerFrame extends Scanned {
  readonly kind: 'answer'
  readonly id: Token
  readonly failed: boolean
}

/** What is no JSON-RPC message, and why. `id` and `resembles` are what could be read of it; `empty` has an id and says nothing. */
export interface UnusableFrame {
  readonly kind: 'unusable'
  readonly code: typeof PARSE_ERROR | typeof INVALID_REQUEST
  readonly problem: string
  readonly id: Token | undefined
  readonly resembles: 'request' | 'answer' | 'empty' | 'neither'
}

/** A frame from either side, told apart by its outer members. */
export type Frame = RequestFrame | NotificationFrame | AnswerFrame | UnusableFrame

/** The longest id or progress token, in bytes; each is held for as long as its request is. */
export const MAX_TOKEN_BYTES = 1_024

const QUOTE = 0x22
const ZERO = 0x30
/** So many digits make a safe integer, whichever they are. */
const SAFE_DIGITS = 15

const RELATED_TASK: WantedMembers<FramePath> = new Map([['taskId', { path: 'params._meta.relatedTask.taskId' }]])

const META: WantedMembers<FramePath> = new Map([
  ['progressToken', { path: 'params._meta.progressToken' }],
  ['io.modelcontextprotocol/related-task', { path: 'params._meta.relatedTask', within: RELATED_TASK }],
])

const PARAMS: WantedMembers<FramePath> = new Map([
  ['_meta', { path: 'params._meta', within: META }],
  ['level', { path: 'params.level' }],
  ['mode', { path: 'params.mode' }],
  ['name', { path: 'params.name' }],
  ['progressToken', { path: 'params.progressToken' }],
  ['requestId', { path: 'params.requestId' }],
  ['task', { path: 'params.task' }],
  ['taskId', { path: 'params.taskId' }],
  ['tools', { path: 'params.tools' }],
  ['uri', { path: 'params.uri' }],
])

const FRAME: WantedMembers<FramePath> = new Map([
  ['jsonrpc', { path: 'jsonrpc' }],
  ['id', { path: 'id' }],
  ['method', { path: 'method' }],
  ['params', { path: 'params', within: PARAMS }],
  ['result', { path: 'result' }],
  ['error', { path: 'error' }],
])

/**
 * Tells a frame (one JSON text) apart by its outer members, found in one pass that builds no values. A member that routing looks at
 * and that stands there twice makes the frame unusable, because readers differ in which of the two they take.
 */
export function scanFrame(bytes: Buffer): Frame {
  const scanner = new JsonScanner(bytes)
  const found: LocatedMembers<FramePath> = { spans: new Spans(), twice: undefined }
  const invalid = (problem: string) => unusable(bytes, found.spans, { code: INVALID_REQUEST, problem })
  try {
    if (scanner.isAtArray()) return invalid('Batches are not supported: send one message at a time.')
    if (scanner.isAtObject()) locateMembers(scanner, FRAME, found)
    else scanner.value()
    scanner.end()
  } catch (thrown) {
    if (!(thrown instanceof JsonSyntaxError)) throw thrown
    return unusable(bytes, found.spans, { code: PARSE_ERROR, problem: `The message is ${thrown.message}.` })
  }
  if (found.twice !== undefined) return invalid(`The member ${found.twice} must not stand there twice.`)
  if (scanner.isTooDeep) return invalid(`The message must not nest deeper than ${MAX_JSON_NESTING} levels.`)
  const frame = classify(scanner.hasLineBreaks ? toLine(bytes) : bytes, found.spans)
  return typeof frame === 'string' ? invalid(frame) : frame
}

/** The string at a path; undefined where there is none. */
export function readString({ bytes, spans }: Scanned, path: FramePath): string | undefined {
  const span = spans.get(path)
  return span === undefined ? undefined : textAt(bytes, span)
}

/** The id or token at a path; undefined where there is none, or it is neither a string of at most {@link MAX_TOKEN_BYTES} nor a safe integer. */
export function readToken({ bytes, spans }: Scanned, path: FramePath): Token | undefined {
  const span = spans.get(path)
  return span && tokenAt(bytes, span)
}

/** As {@link readToken}, of the JSON value at a place. */
export function tokenAt(bytes: Buffer, span: Span): Token | undefined {
  if (span.end - span.start > MAX_TOKEN_BYTES) return undefined
  const count = plainNumberAt(bytes, span)
  if (count !== undefined) return { value: count, raw: String(count) }
  const raw = bytes.toString('latin1', span.start, span.end)
  const value = textAt(bytes, span) ?? Number(raw)
  return typeof value === 'string' || Number.isSafeInteger(value) ? { value, raw } : undefined
}

function textAt(bytes: Buffer, { start, end }: Span): string | undefined {
  return bytes[start] === QUOTE ? stringAt(bytes, start, end) : undefined
}

// Most ids are counted up: their digits are read in less time than the call of a native function takes. In JSON no numeral has a leading zero.
function plainNumberAt(bytes: Buffer, { start, end }: Span): number | undefined {
  if (end - start > SAFE_DIGITS) return undefined
  let value = 0
  for (let at = start; at < end; at++) {
    const digit = (bytes[at] as number) ^ ZERO
    if (digit > 9) return undefined
    value = value * 10 + digit
  }
  return value
}

function classify(bytes: Buffer, spans: Scanned['spans']): Exclude<Frame, UnusableFrame> | string {
  const scanned = { bytes, spans }
  if (readString(scanned, 'jsonrpc') !== '2.0') return 'The member jsonrpc must be "2.0".'
  const id = readToken(scanned, 'id')
  if (spans.has('id') && id === undefined) return 'The id must be a string of at most 1 KiB or a safe integer.'
  const failed = spans.has('error')
  const answers = failed || spans.has('result')
  if (!spans.has('method')) {
    if (id === undefined || !answers || (failed && spans.has('result')))
      return 'The message is neither a request, a notification nor a response.'
    return { kind: 'answer', bytes, spans, id, failed }
  }
  const method = readString(scanned, 'method')
  if (method === undefined || answers) return 'A request needs a method that is a string, and neither result nor error.'
  return id === undefined
    ? { kind: 'notification', bytes, spans, method }
    : { kind: 'request', bytes, spans, id, method }
}

function unusable(bytes: Buffer, spans: Scanned['spans'], why: Pick<UnusableFrame, 'code' | 'problem'>): UnusableFrame {
  return { kind: 'unusable', ...why, id: readToken({ bytes, spans }, 'id'), resembles: resemblance(spans, why.code) }
}

function resemblance(spans: Scanned['spans'], code: UnusableFrame['code']): UnusableFrame['resembles'] {
  if (spans.has('method')) return 'request'
  if (spans.has('result') || spans.has('error')) return 'answer'
  // Of a frame that was not read to its end more may follow.
  return code === INVALID_REQUEST && spans.has('jsonrpc') && spans.has('id') ? 'empty' : 'neither'
}
