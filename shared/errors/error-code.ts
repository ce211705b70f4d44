/** Every way an operation can fail, as a closed list. Each edge (HTTP, JSON-RPC, exit code) has a complete table over it. */
export const ERROR_CODES = [
  'invalid_request',
  'unauthenticated',
  'forbidden',
  'unknown_server',
  'unknown_tool',
  'too_large',
  'tool_withheld',
  'server_unavailable',
  'overloaded',
  'shutting_down',
  'selector_failed',
  'selector_timeout',
  'connection_closed',
  'timeout',
  'cancelled',
  'invalid_configuration',
  'internal',
] as const

/** One of {@link ERROR_CODES}. */
export type ErrorCode = (typeof ERROR_CODES)[number]

const KNOWN: ReadonlySet<unknown> = new Set(ERROR_CODES)

/** Whether a value read from elsewhere is a code of the closed list. */
export function isErrorCode(value: unknown): value is ErrorCode {
  return KNOWN.has(value)
}
