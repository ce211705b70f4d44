import { INVALID_PARAMS, INVALID_REQUEST } from '../../shared/errors/json-rpc-code.ts'
import type { Failure, JsonRpcError } from '../../shared/errors/json-rpc-error.ts'
import {
  type NotificationFrame,
  type RequestFrame,
  readString,
  readToken,
  scanFrame,
  type UnusableFrame,
} from '../../shared/frames/frame-scan.ts'
import { resultFrame, rewriteFrame } from '../../shared/frames/frame-write.ts'
import { answerableId } from '../../shared/frames/replies.ts'
import { cancelCall } from './call-ends.ts'
import type { Client } from './client.ts'
import { acceptCall } from './client-calls.ts'
import { confirmClient, greetClient, isOnlyOneWithRoots } from './handshake.ts'
import { answerFromMemory } from './held-lists.ts'
import type { DropReason } from './outbox.ts'
import { answerQuestion, relayClientProgress } from './questions.ts'
import { failureError, refusal, refuse } from './replies.ts'
import type { RouterState } from './router-state.ts'
import { namesOwnTask } from './task-routing.ts'

/** Routes a frame that came from a client. */
export function routeClientFrame(state: RouterState, client: Client, bytes: Buffer): void {
  const frame = scanFrame(bytes)
  switch (frame.kind) {
    case 'request':
      return routeRequest(state, client, frame)
    case 'notification':
      return routeNotification(state, client, frame)
    case 'answer':
      if (!answerQuestion(state, client, frame)) state.outbox.drop('client', 'unknown-answer')
      return
    case 'unusable':
      return refuseUnusable(state, client, frame)
  }
}

function refuseUnusable(state: RouterState, client: Client, frame: UnusableFrame): void {
  state.outbox.drop('client', 'unusable')
  refuse(state, client, answerableId(frame), refusal(state, frame.code, frame.problem))
}

function routeRequest(state: RouterState, client: Client, frame: RequestFrame): void {
  if (isInFlight(client, frame)) {
    const error = refusal(state, INVALID_REQUEST, 'A request with this id is in flight already.')
    return refuse(state, client, frame.id.raw, error)
  }
  // Asks whether we are there; passed on it would wake a server that sleeps, and keep it awake.
  if (frame.method === 'ping') return state.outbox.toClient(client.id, resultFrame(frame.id.raw, '{}'))
  if (frame.method === 'initialize') return greetClient(state, client, frame)
  const error = objectionTo(state, client, frame)
  if (error !== undefined) return refuse(state, client, frame.id.raw, error)
  if (!answerFromMemory(state, client, frame)) acceptCall(state, client, frame)
}

function isInFlight({ calls, phase }: Client, { id }: RequestFrame): boolean {
  return calls.has(id.value) || (phase.name === 'waiting' && phase.id.value === id.value)
}

function objectionTo(state: RouterState, client: Client, frame: RequestFrame): JsonRpcError | undefined {
  const { maxInFlightPerClient, refuseTool } = state.options
  if (client.phase.name === 'new') return notIntroduced(state, client.phase.refusedFor)
  if (frame.spans.has('params._meta.progressToken') && readToken(frame, 'params._meta.progressToken') === undefined) {
    return refusal(state, INVALID_PARAMS, 'The progressToken must be a string of at most 1 KiB or a safe integer.')
  }
  const tool = frame.method === 'tools/call' ? readString(frame, 'params.name') : undefined
  const failure = tool === undefined ? undefined : refuseTool?.(tool)
  if (failure !== undefined) return failureError(state, failure)
  if (!namesOwnTask(state, client, frame)) return refusal(state, INVALID_PARAMS, 'The client has no task of this id.')
  if (client.calls.size < maxInFlightPerClient) return undefined
  const message = `The client has ${maxInFlightPerClient} requests in flight already, as many as it may.`
  return failureError(state, { code: 'overloaded', message })
}

// Who sent it right behind its initialize wants to know what was wrong with that.
function notIntroduced(state: RouterState, refusedFor: Failure | undefined): JsonRpcError {
  return refusedFor === undefined
    ? refusal(state, INVALID_REQUEST, 'Send initialize first.')
    : failureError(state, refusedFor)
}

function routeNotification(state: RouterState, client: Client, frame: NotificationFrame): void {
  const dropped = tryNotification(state, client, frame)
  if (dropped !== undefined) state.outbox.drop('client', dropped)
}

/** Does what a notification asks for; returns why it was dropped where it was. */
function tryNotification(state: RouterState, client: Client, frame: NotificationFrame): DropReason | undefined {
  switch (frame.method) {
    case 'notifications/initialized':
      return confirmClient(state, client) ? undefined : 'unexpected-notification'
    case 'notifications/cancelled':
      return cancelOwnCall(state, client, frame) ? undefined : 'unknown-cancel'
    case 'notifications/progress':
      return relayClientProgress(state, client, frame) ? undefined : 'unknown-progress'
    case 'notifications/roots/list_changed':
      // Where others have roots too, the server could not be told whose it gets.
      return isOnlyOneWithRoots(state, client) ? passToServer(state, frame) : 'nobody-to-tell'
    default:
      return passToServer(state, frame)
  }
}

function cancelOwnCall(state: RouterState, client: Client, frame: NotificationFrame): boolean {
  const id = readToken(frame, 'params.requestId')
  const call = id && client.calls.get(id.value)
  if (call === undefined) return false
  cancelCall(state, call, rewriteFrame(frame, { 'params.requestId': String(call.requestId) }))
  return true
}

function passToServer(state: RouterState, frame: NotificationFrame): DropReason | undefined {
  if (state.server.name !== 'ready' || !state.server.announced) return 'server-not-ready'
  state.outbox.toServer(frame.bytes)
  return undefined
}
