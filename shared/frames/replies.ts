import { JSON_RPC_BY_CODE } from '../errors/json-rpc-code.ts'
import { type Delivery, refusalError, toJsonRpcError } from '../errors/json-rpc-error.ts'
import type { ServiceError } from '../errors/service-error.ts'
import { toFailure } from '../errors/to-failure.ts'
import type { Token, UnusableFrame } from './frame-scan.ts'
import { errorFrame } from './frame-write.ts'

/** Stands for a server's name in errors that no server has a part in. */
export const OWN_NAME = 'pilotlight'

/** Which server an error is about, and whether that may have the request. `requestId` is the number in our log lines. */
export interface ErrorOrigin {
  readonly server: string
  readonly delivered: Delivery
  readonly requestId?: number
}

/** The error answer to a request that ended so. */
export function failureFrame(
  { raw }: Token,
  error: ServiceError,
  { server, ...request }: ErrorOrigin = { server: OWN_NAME, delivered: 'no' },
): Buffer {
  return errorFrame(raw, toJsonRpcError(server, toFailure(error), request))
}

/** The error answer to a message that is no request we know, by JSON-RPC's own code; `idRaw` is `null` where no id could be read. */
export function refusalFrame(idRaw: string, code: number, message: string): Buffer {
  return errorFrame(idRaw, refusalError(OWN_NAME, code, message))
}

/** The answer to what is no message, by JSON-RPC's own code. */
export function unusableFrame(frame: UnusableFrame): Buffer {
  return refusalFrame(answerableId(frame), frame.code, frame.problem)
}

/**
 * The id to answer what is no message under. It is given back only where a request carried it: an error under the id of an answer would be
 * taken for one to the client's own request.
 */
export function answerableId({ id, resembles }: UnusableFrame): string {
  return resembles === 'request' && id !== undefined ? id.raw : 'null'
}

/** The answer to a message that was too large to be read. */
export function tooLargeFrame(): Buffer {
  return refusalFrame('null', JSON_RPC_BY_CODE.too_large, 'The message is too large.')
}
