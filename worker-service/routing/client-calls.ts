import type { Call } from './call-table.ts'
import type { Client, ClientCall } from './client.ts'
import { type AnswerFrame, type RequestFrame, readString, readToken } from './frame-scan.ts'
import { errorFrame, notificationFrame, resultFrame, rewriteFrame } from './frame-write.ts'
import type { Delivery, JsonRpcError, ServerLoss } from './json-rpc-error.ts'
import { isLogLevel } from './log-levels.ts'
import { changeServerLogLevel } from './log-routing.ts'
import type { RequestOutcome } from './outbox.ts'
import { lossError } from './replies.ts'
import { announce, askServer, nextRequestId } from './router-calls.ts'
import type { RouterState } from './router-state.ts'

/** Takes a client's request on. It waits until {@link sendWaitingCalls}, and wakes the server where there is none. */
export function acceptCall(state: RouterState, client: Client, frame: RequestFrame): void {
  const call: ClientCall = {
    kind: 'client',
    requestId: nextRequestId(state),
    method: frame.method,
    client,
    id: frame.id,
    progressToken: readToken(frame, 'params._meta.progressToken'),
    uri: readString(frame, 'params.uri'),
    state: 'waiting',
  }
  state.calls.addClientCall(call, frame)
  const { requestId, method } = call
  const name = readString(frame, 'params.name')
  state.outbox.put({ kind: 'request-started', requestId, clientId: client.id, method, name })
  needServer(state)
}

/** Says, once, that something waits for a server. */
export function needServer(state: RouterState): void {
  if (state.server.name !== 'absent') return
  state.server = { name: 'wanted' }
  state.outbox.put({ kind: 'need-server' })
}

/** Sends, in order, what may be sent now. */
export function sendWaitingCalls(state: RouterState): void {
  if (state.server.name !== 'ready') return
  for (let next = state.calls.nextToSend(state); next !== undefined; next = state.calls.nextToSend(state)) {
    sendCall(state, ...next)
  }
}

function sendCall(state: RouterState, call: ClientCall, frame: RequestFrame): void {
  switch (call.method) {
    case 'resources/subscribe':
      return sendSubscribe(state, call, frame)
    case 'resources/unsubscribe':
      return sendUnsubscribe(state, call, frame)
    case 'logging/setLevel':
      return sendSetLevel(state, call, frame)
    default:
      return passOn(state, call, frame)
  }
}

function sendSubscribe(state: RouterState, call: ClientCall, frame: RequestFrame): void {
  const known = call.uri !== undefined && state.subscriptions.add(call.uri, call.client.id)
  if (known) answerHere(state, call)
  else passOn(state, call, frame)
}

function sendUnsubscribe(state: RouterState, call: ClientCall, frame: RequestFrame): void {
  if (call.uri !== undefined) state.subscriptions.remove(call.uri, call.client.id)
  if (call.uri !== undefined && state.subscriptions.has(call.uri)) answerHere(state, call)
  else passOn(state, call, frame)
}

function sendSetLevel(state: RouterState, call: ClientCall, frame: RequestFrame): void {
  const level = readString(frame, 'params.level')
  if (!isLogLevel(level)) return passOn(state, call, frame)
  call.client.logLevel = level
  const change = changeServerLogLevel(state)
  if (change === undefined) answerHere(state, call)
  else passOn(state, call, frame, { 'params.level': `"${change}"` })
}

function passOn(
  state: RouterState,
  call: ClientCall,
  frame: RequestFrame,
  rewrites: { 'params.level'?: string } = {},
): void {
  announce(state)
  state.calls.markSent(call)
  const raw = String(call.requestId)
  state.outbox.toServer(rewriteFrame(frame, { ...rewrites, id: raw, 'params._meta.progressToken': raw }))
}

/** Answers what the server need not be asked: it has been told already, for another client. */
function answerHere(state: RouterState, call: ClientCall): void {
  answerClient(state, call, resultFrame(call.id.raw, '{}'))
  finish(state, call, 'answered')
}

/** Gives a client the server's answer, under the client's own id. */
export function deliverAnswer(state: RouterState, call: ClientCall, answer: AnswerFrame): void {
  answerClient(state, call, rewriteFrame(answer, { id: call.id.raw }))
  finish(state, call, 'answered')
  if (answer.failed) takeBack(state, call)
  else if (call.method === 'resources/subscribe' && call.uri !== undefined) state.subscriptions.confirm(call.uri)
}

/**
 * What did not come to a good end is not so: the client has no subscription, and the server is at no level that we know.
 * Returns whether nobody is left who wants the resource.
 */
function takeBack(state: RouterState, { method, uri, client }: ClientCall): boolean {
  if (method === 'logging/setLevel') state.serverLogLevel = undefined
  return method === 'resources/subscribe' && uri !== undefined && state.subscriptions.remove(uri, client.id)
}

/** Ends a call whose answer is of no use. */
export function spoilCall(state: RouterState, call: ClientCall, error: JsonRpcError): void {
  endWithError(state, call, 'spoiled', error)
  takeBack(state, call)
}

/** Ends a call because the server is lost. */
export function loseCall(state: RouterState, call: ClientCall, loss: ServerLoss): void {
  endWithError(state, call, 'lost', lossError(state, loss, toDelivery(call)))
  if (call.state === 'sent') takeBack(state, call)
}

/** Ends a call that its client does not want any more. The server hears of it by `notice`, where it has the call. */
export function cancelCall(state: RouterState, call: ClientCall, notice: Buffer): void {
  finish(state, call, 'cancelled')
  withdrawFromServer(state, call, notice)
}

/** Ends a call whose deadline has passed. */
export function expireCall(state: RouterState, call: ClientCall): void {
  const late = { code: 'timeout', message: `${state.options.server} did not answer ${call.method} in time.` } as const
  endWithError(state, call, 'expired', lossError(state, late, toDelivery(call)))
  withdrawFromServer(state, call, cancelNotice(call.requestId, 'The deadline has passed.'))
}

/** Tells the server that a request it has is not wanted any more. */
export function cancelNotice(requestId: number, reason: string): Buffer {
  return notificationFrame('notifications/cancelled', { requestId, reason })
}

function withdrawFromServer(state: RouterState, call: ClientCall, notice: Buffer): void {
  if (call.state === 'waiting') return
  state.outbox.toServer(notice)
  // The server may have carried it out already.
  if (takeBack(state, call)) askServer(state, 'resources/unsubscribe', { uri: call.uri })
}

function endWithError(state: RouterState, call: ClientCall, outcome: RequestOutcome, error: JsonRpcError): void {
  answerClient(state, call, errorFrame(call.id.raw, error))
  finish(state, call, outcome)
}

function toDelivery({ requestId, state }: ClientCall): { requestId: number; delivered: Delivery } {
  return { requestId, delivered: state === 'sent' ? 'unknown' : 'no' }
}

function answerClient(state: RouterState, { client, requestId, method }: ClientCall, frame: Buffer): void {
  state.outbox.toClient(client.id, frame, { requestId, method })
}

/** Forgets a call. */
export function finish(state: RouterState, call: Call, outcome: RequestOutcome): void {
  state.calls.remove(call)
  state.outbox.put({ kind: 'request-finished', requestId: call.requestId, outcome })
}
