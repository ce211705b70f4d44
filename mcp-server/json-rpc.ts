import { isUtf8 } from 'node:buffer'
import type { RequestId } from '@modelcontextprotocol/sdk/types.js'
import { INVALID_PARAMS, INVALID_REQUEST, PARSE_ERROR } from '../shared/errors/json-rpc-code.ts'
import { MAX_JSON_NESTING, nestsDeeperThan } from '../shared/json-nesting.ts'
import { isJsonObject } from '../shared/json-object.ts'
import { parseJson } from '../shared/parse-json.ts'

/** What a client sent. `ignored` is what nobody waits for an answer to: a response, as we ask nothing, or a broken notification. */
export type Frame =
  | { kind: 'request'; id: RequestId; method: string; params: Params }
  | { kind: 'notification'; method: string; params: Params }
  | { kind: 'ignored' }
  | { kind: 'bad'; error: RpcError; id: RequestId | null }

/** `params` as sent; undefined when there are none. */
export type Params = Readonly<Record<string, unknown>> | undefined

/** An answer of JSON-RPC's own kind: a code and a message safe to show. */
export class RpcError extends Error {
  override readonly name = 'RpcError'
  readonly code: number

  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}

/** Reads one line as a frame. Never throws, and never recurses into what it read. */
export function readFrame(line: Buffer): Frame {
  if (!isUtf8(line)) return bad(PARSE_ERROR, 'The message is not UTF-8.')
  if (nestsDeeperThan(MAX_JSON_NESTING, line)) {
    return bad(INVALID_REQUEST, `The message nests deeper than ${MAX_JSON_NESTING} levels.`)
  }
  const message = parseJson(line.toString())
  if (message === undefined) return bad(PARSE_ERROR, 'The message is not JSON.')
  if (Array.isArray(message)) return bad(INVALID_REQUEST, 'Batches are not supported; send one message per line.')
  return isJsonObject(message) ? readMessage(message) : bad(INVALID_REQUEST, 'The message is not an object.')
}

/** The frame that answers a request; `result` is JSON text without line breaks. */
export function resultFrame(id: RequestId, result: string): string {
  return `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${result}}`
}

/** The frame that refuses a request; `id` is null where none could be read. */
export function errorFrame(id: RequestId | null, { code, message }: RpcError): string {
  return JSON.stringify({ jsonrpc: '2.0', id, error: { code, message } })
}

function readMessage(message: Readonly<Record<string, unknown>>): Frame {
  const { jsonrpc, id, method, params } = message
  const readableId = isRequestId(id) ? id : null
  if (jsonrpc !== '2.0') return bad(INVALID_REQUEST, 'The message lacks "jsonrpc": "2.0".', readableId)
  if (method === undefined && ('result' in message || 'error' in message)) return { kind: 'ignored' }
  if (typeof method !== 'string') return bad(INVALID_REQUEST, 'The method is not a string.', readableId)
  if (id !== undefined && !isRequestId(id)) return bad(INVALID_REQUEST, 'The id is no string and no whole number.')
  if (params !== undefined && !isJsonObject(params)) {
    return id === undefined ? { kind: 'ignored' } : bad(INVALID_PARAMS, 'The params are not an object.', id)
  }
  return id === undefined ? { kind: 'notification', method, params } : { kind: 'request', id, method, params }
}

function isRequestId(value: unknown): value is RequestId {
  return typeof value === 'string' || Number.isSafeInteger(value)
}

function bad(code: number, message: string, id: RequestId | null = null): Frame {
  return { kind: 'bad', error: new RpcError(code, message), id }
}
