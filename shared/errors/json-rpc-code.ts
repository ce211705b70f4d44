import type { ErrorCode } from './error-code.ts'

/** The codes that JSON-RPC 2.0 itself gives. */
export const PARSE_ERROR = -32700
export const INVALID_REQUEST = -32600
export const METHOD_NOT_FOUND = -32601
export const INVALID_PARAMS = -32602
export const INTERNAL_ERROR = -32603

/** The JSON-RPC code of each error; those that only ever end a tool's result or a command count as internal here. */
export const JSON_RPC_BY_CODE: Record<ErrorCode, number> = {
  invalid_request: INVALID_PARAMS,
  unauthenticated: INVALID_REQUEST,
  forbidden: INVALID_REQUEST,
  unknown_server: INVALID_PARAMS,
  unknown_tool: INVALID_PARAMS,
  too_large: -32012,
  tool_withheld: -32013,
  server_unavailable: -32010,
  overloaded: -32011,
  shutting_down: -32014,
  selector_failed: INTERNAL_ERROR,
  selector_timeout: INTERNAL_ERROR,
  connection_closed: -32000,
  timeout: -32001,
  cancelled: INTERNAL_ERROR,
  invalid_configuration: INTERNAL_ERROR,
  internal: INTERNAL_ERROR,
}
