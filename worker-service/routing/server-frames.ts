import { isListMethod } from '../../shared/contracts/list-methods.ts'
import {
  type AnswerFrame,
  type NotificationFrame,
  readString,
  readToken,
  scanFrame,
  type Token,
  type UnusableFrame,
} from '../../shared/frames/frame-scan.ts'
import { rewriteFrame } from '../../shared/frames/frame-write.ts'
import { belongsTo } from './attribution.ts'
import { deliverAnswer, finish } from './call-ends.ts'
import type { RouterCall } from './call-table.ts'
import type { Client } from './client.ts'
import { failCall } from './failed-calls.ts'
import { completeHandshake } from './handshake.ts'
import { settleHeldList } from './held-lists.ts'
import { noteListChange } from './list-changes.ts'
import { wantsLogMessage } from './log-routing.ts'
import type { DropReason } from './outbox.ts'
import { routeQuestion, withdrawQuestion } from './questions.ts'
import { answeredClients, initializedClients, type RouterState } from './router-state.ts'
import { settleToolCheck } from './tool-check.ts'

/** Routes a frame that came from the server; `relatedTo` is the request on whose stream it came, where the transport has such streams. */
export function routeServerFrame(state: RouterState, bytes: Buffer, relatedTo: number | undefined): void {
  const frame = scanFrame(bytes)
  switch (frame.kind) {
    case 'request':
      return routeQuestion(state, frame, relatedTo)
    case 'notification':
      return routeNotification(state, frame, relatedTo)
    case 'answer':
      return routeAnswer(state, frame)
    case 'unusable':
      return settleUnusable(state, frame)
  }
}

function routeAnswer(state: RouterState, frame: AnswerFrame): void {
  const call = state.calls.atServer(frame.id.value)
  if (call === undefined) state.outbox.drop('server', isLate(state, frame.id) ? 'late-answer' : 'unknown-answer')
  else if (call.kind === 'client') deliverAnswer(state, call, frame)
  else settleRouterCall(state, call, frame)
}

// Ids count up and are never given twice, so one that is no longer in flight was once.
function isLate(state: RouterState, { value }: Token): boolean {
  return typeof value === 'number' && value > 0 && value <= state.lastRequestId && state.calls.get(value) === undefined
}

function settleRouterCall(state: RouterState, call: RouterCall, frame: AnswerFrame): void {
  finish(state, call, 'answered')
  if (call.method === 'initialize') completeHandshake(state, frame)
  if (isListMethod(call.method) && !settleToolCheck(state, call, frame)) settleHeldList(state, call.method, frame)
  if (call.method === 'resources/subscribe' && call.uri !== undefined && !frame.failed)
    state.subscriptions.confirm(call.uri)
}

/** A frame that answers a request and cannot be used costs that request, not the time until its deadline. */
function settleUnusable(state: RouterState, { id, problem, resembles }: UnusableFrame): void {
  state.outbox.drop('server', 'unusable')
  const isMeant = resembles === 'answer' || resembles === 'empty'
  const call = id !== undefined && isMeant ? state.calls.atServer(id.value) : undefined
  if (call === undefined) return
  const message = `${state.options.server} sent an unusable answer to ${call.method}. ${problem}`
  failCall(state, call, { code: 'server_unavailable', message, delivered: 'yes' })
}

function routeNotification(state: RouterState, frame: NotificationFrame, relatedTo: number | undefined): void {
  const dropped = tryNotification(state, frame, relatedTo)
  if (dropped !== undefined) state.outbox.drop('server', dropped)
}

/** Gives a notification to whom it is for; returns why it was dropped where it was. */
function tryNotification(
  state: RouterState,
  frame: NotificationFrame,
  relatedTo: number | undefined,
): DropReason | undefined {
  switch (frame.method) {
    case 'notifications/progress':
      return relayProgress(state, frame)
    case 'notifications/cancelled':
      return withdrawQuestion(state, frame) ? undefined : 'unknown-cancel'
    case 'notifications/resources/updated':
      return tell(state, subscribersOf(state, readString(frame, 'params.uri')), frame)
    case 'notifications/message':
      return tell(state, readersOf(state, frame, relatedTo), frame)
    case 'notifications/tasks/status':
      return tell(state, ownersOf(state, readString(frame, 'params.taskId')), frame)
    default:
      if (noteListChange(state, frame)) return tell(state, initializedClients(state), frame)
      return tell(state, audienceOf(state, frame, relatedTo), frame)
  }
}

function relayProgress(state: RouterState, frame: NotificationFrame): DropReason | undefined {
  const token = readToken(frame, 'params.progressToken')
  if (token === undefined) return 'unknown-progress'
  const call = state.calls.atServer(token.value) ?? state.tasks.begunBy(token.value)
  if (call === undefined || call.kind === 'router' || call.progressToken === undefined) return 'unknown-progress'
  state.outbox.toClient(call.client.id, rewriteFrame(frame, { 'params.progressToken': call.progressToken.raw }))
  if (call.kind === 'client') state.outbox.put({ kind: 'request-progressed', requestId: call.requestId })
  return undefined
}

function subscribersOf(state: RouterState, uri: string | undefined): Client[] {
  const clientIds = uri === undefined ? new Set<string>() : state.subscriptions.audienceOf(uri)
  return [...state.clients.values()].filter(({ id }) => clientIds.has(id))
}

function ownersOf(state: RouterState, taskId: string | undefined): Client[] {
  const owner = taskId === undefined ? undefined : state.tasks.ownerOf(taskId)
  return owner === undefined ? [] : [owner]
}

/** Whom a log message is for: those it is for at all who want its level. */
function readersOf(state: RouterState, frame: NotificationFrame, relatedTo: number | undefined): Client[] {
  const level = readString(frame, 'params.level')
  return audienceOf(state, frame, relatedTo).filter((client) => wantsLogMessage(state, client, level))
}

/**
 * Whom a notification is for: everyone, unless it says to whom it belongs. A client that has yet to confirm that it was answered gets it
 * too: the server may have been told of another's confirmation, and speak upon it.
 */
function audienceOf(state: RouterState, frame: NotificationFrame, relatedTo: number | undefined): Client[] {
  const client = belongsTo(state, frame, relatedTo)
  if (client === 'unsaid') return answeredClients(state)
  return client === 'gone' ? [] : [client]
}

function tell(state: RouterState, audience: readonly Client[], frame: NotificationFrame): DropReason | undefined {
  for (const { id } of audience) state.outbox.toClient(id, frame.bytes)
  return audience.length === 0 ? 'nobody-to-tell' : undefined
}
