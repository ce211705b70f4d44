import type { ErrorCode } from './error-code.ts'
import { JSON_RPC_BY_CODE } from './json-rpc-code.ts'

/** Whether the server has the request: surely not, surely, or nobody can tell. */
export type Delivery = 'no' | 'unknown' | 'yes'

/** A JSON-RPC error object of our own. `retryAfterMs` is milliseconds from now; `requestId` is the number in our log lines. */
export interface JsonRpcError {
  readonly code: number
  readonly message: string
  readonly data: {
    readonly server: string
    readonly delivered: Delivery
    readonly retryable: boolean
    readonly retryAfterMs?: number
    readonly requestId?: number
    /** What a message may hold that was too large for its id to be read. */
    readonly maxMessageBytes?: number
  }
}

/** Why a server, or what is asked of it, is not to be had. `code` decides what requests are answered with, `retryAfterMs` is milliseconds from now. */
export interface Failure {
  readonly code: ErrorCode
  readonly message: string
  readonly retryAfterMs?: number
}

/** Why one request gets no answer that could be used, though its server is there. */
export interface RequestFailure extends Failure {
  readonly delivered: Delivery
}

// What was refused for what it is, or for who asks, is refused again.
const FINAL: ReadonlySet<ErrorCode> = new Set([
  'invalid_request',
  'unauthenticated',
  'forbidden',
  'unknown_server',
  'unknown_tool',
  'too_large',
  'tool_withheld',
])

/** An error of JSON-RPC's own kind about something the server has not seen, and that a repeat would not change. */
export function refusalError(server: string, code: number, message: string): JsonRpcError {
  return { code, message, data: { server, delivered: 'no', retryable: false } }
}

/** The error that tells of a failure. What the server may have carried out is not to be repeated. */
export function toJsonRpcError(
  server: string,
  { code, message, retryAfterMs }: Failure,
  { delivered, requestId }: { delivered: Delivery; requestId?: number } = { delivered: 'no' },
): JsonRpcError {
  const retryable = delivered === 'no' && !FINAL.has(code)
  const data = {
    server,
    delivered,
    retryable,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...(requestId !== undefined && { requestId }),
  }
  return { code: JSON_RPC_BY_CODE[code], message, data }
}
