import { JSON_RPC_BY_CODE } from '../../shared/errors/json-rpc-code.ts'
import type { Client } from './client.ts'
import { errorFrame } from './frame-write.ts'
import type { Delivery, JsonRpcError, ServerLoss } from './json-rpc-error.ts'
import type { RouterState } from './router-state.ts'

/** An error of our own about something the server has not seen, and that a repeat would not change. */
export function refusal({ options }: RouterState, code: number, message: string): JsonRpcError {
  return { code, message, data: { server: options.server, delivered: 'no', retryable: false } }
}

/** The error for a request of a client that has as many in flight as it may. */
export function overload(state: RouterState, message: string): JsonRpcError {
  const { data } = refusal(state, JSON_RPC_BY_CODE.overloaded, message)
  return { code: JSON_RPC_BY_CODE.overloaded, message, data: { ...data, retryable: true } }
}

/** The error for a request that a loss of the server ended. What may have been carried out is not to be repeated. */
export function lossError(
  state: RouterState,
  loss: ServerLoss,
  call?: { requestId: number; delivered: Delivery },
): JsonRpcError {
  const { delivered, ...request } = call ?? { delivered: 'no' as const }
  const { server } = state.options
  const retryAfter = loss.retryAfterMs === undefined ? {} : { retryAfterMs: loss.retryAfterMs }
  const data = { server, delivered, retryable: delivered === 'no', ...retryAfter, ...request }
  return { code: JSON_RPC_BY_CODE[loss.code], message: loss.message, data }
}

/** Answers a client's request with an error; `idRaw` is `null` where no id could be read. */
export function refuse(state: RouterState, client: Client, idRaw: string, error: JsonRpcError): void {
  state.outbox.toClient(client.id, errorFrame(idRaw, error))
}
