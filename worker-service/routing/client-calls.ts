import { type RequestFrame, readString, readToken } from '../../shared/frames/frame-scan.ts'
import { rewriteFrame } from '../../shared/frames/frame-write.ts'
import { answerHere, endWithFailure } from './call-ends.ts'
import type { Client, ClientCall } from './client.ts'
import { firstPageOf } from './held-lists.ts'
import { isLogLevel } from './log-levels.ts'
import { changeServerLogLevel } from './log-routing.ts'
import { announce, nextRequestId } from './router-calls.ts'
import type { RouterState } from './router-state.ts'
import { CALL, mustCheckTools } from './tool-check.ts'

/** Takes a client's request on: it is sent, or waits until {@link sendWaitingCalls} may send it, and wakes the server where there is none. */
export function acceptCall(state: RouterState, client: Client, frame: RequestFrame): void {
  const call: ClientCall = {
    kind: 'client',
    requestId: nextRequestId(state),
    method: frame.method,
    client,
    id: frame.id,
    progressToken: readToken(frame, 'params._meta.progressToken'),
    uri: readString(frame, 'params.uri'),
    list: firstPageOf(frame),
    asTask: frame.spans.has('params.task'),
    state: 'waiting',
  }
  state.calls.addClientCall(call)
  const { requestId, method } = call
  const name = readString(frame, 'params.name')
  state.outbox.put({ kind: 'request-started', requestId, clientId: client.id, method, name })
  if (maySend(state, call)) return sendCall(state, call, frame)
  state.calls.wait(call, frame)
  needServer(state)
}

function maySend(state: RouterState, call: ClientCall): boolean {
  if (state.server.name !== 'ready' || !state.calls.isFree(state)) return false
  return call.method !== CALL || !mustCheckTools(state)
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
  for (let next = nextToSend(state); next !== undefined; next = nextToSend(state)) sendCall(state, ...next)
}

function nextToSend(state: RouterState): [ClientCall, RequestFrame] | undefined {
  const next = state.calls.nextToSend(state)
  const waits = next?.[0].method === CALL && mustCheckTools(state)
  return waits ? state.calls.nextToSend(state, { except: CALL }) : next
}

function sendCall(state: RouterState, call: ClientCall, frame: RequestFrame): void {
  switch (call.method) {
    case 'resources/subscribe':
      return sendSubscribe(state, call, frame)
    case 'resources/unsubscribe':
      return sendUnsubscribe(state, call, frame)
    case 'logging/setLevel':
      return sendSetLevel(state, call, frame)
    case CALL:
      return sendToolCall(state, call, frame)
    default:
      return passOn(state, call, frame)
  }
}

// What was looked at while it waited may be why it must not be called.
function sendToolCall(state: RouterState, call: ClientCall, frame: RequestFrame): void {
  const { inspector, refuseTool } = state.options
  const tool = inspector?.isNeeded() === true ? readString(frame, 'params.name') : undefined
  const failure = tool === undefined ? undefined : refuseTool?.(tool)
  if (failure === undefined) return passOn(state, call, frame)
  endWithFailure(state, call, { outcome: 'failed', failure: { ...failure, delivered: 'no' } })
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
  rewrites?: { 'params.level': string },
): void {
  announce(state)
  state.calls.markSent(call)
  const id = String(call.requestId)
  const ids = call.progressToken === undefined ? { id } : { id, 'params._meta.progressToken': id }
  state.outbox.toServer(rewriteFrame(frame, rewrites === undefined ? ids : { ...rewrites, ...ids }))
}
