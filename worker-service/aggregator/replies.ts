import { type Delivery, toJsonRpcError } from '../../shared/errors/json-rpc-error.ts'
import type { ServiceError } from '../../shared/errors/service-error.ts'
import type { Token } from '../../shared/frames/frame-scan.ts'
import { errorFrame } from '../../shared/frames/frame-write.ts'

/** Stands for a server's name in errors that no server has a part in. */
const OWN_NAME = 'pilotlight'

/** Which server an error is about, and whether that may have the request. */
export interface ErrorOrigin {
  readonly server: string
  readonly delivered: Delivery
}

/** The error answer to a request that ended so. */
export function failureFrame(
  { raw }: Token,
  { code, message, retryAfterMs }: ServiceError,
  { server, delivered }: ErrorOrigin = { server: OWN_NAME, delivered: 'no' },
): Buffer {
  const failure = { code, message, ...(retryAfterMs !== undefined && { retryAfterMs }) }
  return errorFrame(raw, toJsonRpcError(server, failure, { delivered }))
}

/** The error answer to a message that is no request we know, by JSON-RPC's own code; `idRaw` is `null` where no id could be read. */
export function refusalFrame(idRaw: string, code: number, message: string): Buffer {
  return errorFrame(idRaw, { code, message, data: { server: OWN_NAME, delivered: 'no', retryable: false } })
}
