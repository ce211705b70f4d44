import {
  type Delivery,
  type Failure,
  type JsonRpcError,
  refusalError,
  toJsonRpcError,
} from '../../shared/errors/json-rpc-error.ts'
import { errorFrame } from '../../shared/frames/frame-write.ts'
import type { Client } from './client.ts'
import type { RouterState } from './router-state.ts'

/** An error of JSON-RPC's own kind about something the server has not seen, and that a repeat would not change. */
export function refusal({ options }: RouterState, code: number, message: string): JsonRpcError {
  return refusalError(options.server, code, message)
}

/** The error that tells of a failure, of this request where there is one. */
export function failureError(
  { options }: RouterState,
  failure: Failure,
  request?: { delivered: Delivery; requestId: number },
): JsonRpcError {
  return toJsonRpcError(options.server, failure, request)
}

/** Answers a client's request with an error; `idRaw` is `null` where no id could be read. */
export function refuse(state: RouterState, client: Client, idRaw: string, error: JsonRpcError): void {
  state.outbox.toClient(client.id, errorFrame(idRaw, error))
}
