import { Metadata, type StatusObject, status } from '@grpc/grpc-js'
import { toErrorBody } from '../../shared/contracts/error-body.ts'
import type { ErrorCode } from '../../shared/errors/error-code.ts'
import { ServiceError } from '../../shared/errors/service-error.ts'
import { InvalidInput } from '../control/invalid-input.ts'

/** The gRPC status of every error code. */
export const GRPC_STATUS_BY_CODE: Record<ErrorCode, status> = {
  invalid_request: status.INVALID_ARGUMENT,
  unauthenticated: status.UNAUTHENTICATED,
  forbidden: status.PERMISSION_DENIED,
  unknown_server: status.NOT_FOUND,
  unknown_tool: status.NOT_FOUND,
  too_large: status.RESOURCE_EXHAUSTED,
  tool_withheld: status.FAILED_PRECONDITION,
  server_unavailable: status.UNAVAILABLE,
  overloaded: status.RESOURCE_EXHAUSTED,
  shutting_down: status.UNAVAILABLE,
  selector_failed: status.UNAVAILABLE,
  selector_timeout: status.DEADLINE_EXCEEDED,
  connection_closed: status.UNAVAILABLE,
  timeout: status.DEADLINE_EXCEEDED,
  cancelled: status.CANCELLED,
  // Ends the start, so that no call ever meets it.
  invalid_configuration: status.INTERNAL,
  internal: status.INTERNAL,
}

// The trailer with the body that an error has over HTTP: JSON text, UTF-8.
const ERROR_TRAILER = 'pilotlight-error-bin'

// Clients take 8 KB of trailers, some escape each byte of a message as three, and what is larger costs them the status as well.
const MAX_MESSAGE_CHARACTERS = 512
const MAX_BODY_BYTES = 4_096

/** Whether something was thrown that is for the log, and not for callers. */
export function isUnexpected(thrown: unknown): boolean {
  return !(thrown instanceof InvalidInput) && ServiceError.from(thrown).code === 'internal'
}

/** Whatever was thrown as the status that ends a call. */
export function toStatus(thrown: unknown): StatusObject {
  if (thrown instanceof InvalidInput) {
    const body = { detail: thrown.issues }
    return { code: status.INVALID_ARGUMENT, details: shortened(thrown.message), metadata: trailers(body) }
  }
  const error = ServiceError.from(thrown)
  const code = GRPC_STATUS_BY_CODE[error.code]
  return { code, details: shortened(error.message), metadata: trailers(toErrorBody(error)) }
}

function trailers(body: object): Metadata {
  const metadata = new Metadata()
  const bytes = Buffer.from(JSON.stringify(body))
  if (bytes.length <= MAX_BODY_BYTES) metadata.set(ERROR_TRAILER, bytes)
  return metadata
}

function shortened(message: string): string {
  return message.length <= MAX_MESSAGE_CHARACTERS ? message : `${message.slice(0, MAX_MESSAGE_CHARACTERS)}…`
}
