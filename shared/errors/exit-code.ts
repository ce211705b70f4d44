import type { ErrorCode } from './error-code.ts'

/** The exit code of a command or one-shot that ends with this error. */
export const EXIT_BY_CODE: Record<ErrorCode, number> = {
  invalid_request: 2,
  unauthenticated: 77,
  forbidden: 77,
  unknown_server: 2,
  unknown_tool: 2,
  too_large: 65,
  tool_withheld: 1,
  server_unavailable: 69,
  overloaded: 75,
  shutting_down: 69,
  selector_failed: 69,
  selector_timeout: 69,
  connection_closed: 69,
  timeout: 1,
  cancelled: 130,
  invalid_configuration: 78,
  internal: 70,
}
