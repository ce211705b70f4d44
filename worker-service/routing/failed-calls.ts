import type { RequestFailure } from '../../shared/errors/json-rpc-error.ts'
import { endWithFailure, finish } from './call-ends.ts'
import { type Call, isAtServer } from './call-table.ts'
import { failHandshake } from './handshake.ts'
import type { RouterState } from './router-state.ts'
import { failToolCheck } from './tool-check.ts'

/** The request that a frame answered which was too large to be kept; `unknown` where what is left of the frame does not tell. */
export type AnsweredRequestId = number | 'none' | 'unknown'

/** Ends a request that gets no answer, or none that could be used. */
export function failCall(state: RouterState, call: Call, failure: RequestFailure): void {
  endCall(state, call, { outcome: 'failed', failure })
}

/** Ends a request whose deadline has passed. */
export function expireCall(state: RouterState, call: Call): void {
  const message = `${state.options.server} did not answer ${call.method} in time.`
  const delivered = isAtServer(call) ? 'unknown' : 'no'
  endCall(state, call, { outcome: 'expired', failure: { code: 'timeout', message, delivered } })
}

/** Ends the request whose answer was too large. Where that cannot be told, it is that of the only one that the server has. */
export function failOversized(state: RouterState, answered: AnsweredRequestId): void {
  state.outbox.drop('server', 'too-large')
  if (answered === 'none') return
  const call = answered === 'unknown' ? state.calls.onlyAtServer() : state.calls.atServer(answered)
  if (call === undefined) return
  const message = `${state.options.server} sent an answer to ${call.method} that is too large. Raise its "maxMessageBytes".`
  failCall(state, call, { code: 'too_large', message, delivered: 'yes' })
}

function endCall(state: RouterState, call: Call, end: Parameters<typeof endWithFailure>[2]): void {
  if (call.kind === 'client') return endWithFailure(state, call, end)
  finish(state, call, end.outcome)
  if (call.method === 'initialize') failHandshake(state, end.failure)
  else failToolCheck(state, call, end.failure.message)
}
