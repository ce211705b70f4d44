import type { Failure, RequestFailure } from '../../shared/errors/json-rpc-error.ts'
import type { AnswerFrame } from '../../shared/frames/frame-scan.ts'
import { errorFrame, notificationFrame, readdressFrame, resultFrame } from '../../shared/frames/frame-write.ts'
import { type Call, isAtServer } from './call-table.ts'
import type { ClientCall } from './client.ts'
import { noteGivenList } from './held-lists.ts'
import type { RequestOutcome } from './outbox.ts'
import { noteAnsweredCall } from './questions.ts'
import { failureError } from './replies.ts'
import { askServer } from './router-calls.ts'
import type { RouterState } from './router-state.ts'
import { listOwnTasks, noteTask } from './task-routing.ts'

/** Gives a client the server's answer, under the client's own id. */
export function deliverAnswer(state: RouterState, call: ClientCall, answer: AnswerFrame): void {
  noteTask(state, call, answer)
  noteGivenList(state, call, answer)
  const isTaskList = call.method === 'tasks/list' && !answer.failed
  answerClient(state, call, isTaskList ? listOwnTasks(state, call, answer) : readdressFrame(answer, call.id.raw))
  finish(state, call, 'answered')
  noteAnsweredCall(state, call)
  if (answer.failed) takeBack(state, call)
  else if (call.method === 'resources/subscribe' && call.uri !== undefined) state.subscriptions.confirm(call.uri)
}

/** Answers what the server need not be asked: it has been told already, for another client. */
export function answerHere(state: RouterState, call: ClientCall): void {
  answerClient(state, call, resultFrame(call.id.raw, '{}'))
  finish(state, call, 'answered')
}

/** Ends a call because the server is lost. */
export function loseCall(state: RouterState, call: ClientCall, loss: Failure): void {
  answerWithError(state, call, 'lost', { ...loss, delivered: isAtServer(call) ? 'unknown' : 'no' })
  takeBack(state, call)
}

/** Ends a call that its client does not want any more. The server hears of it by `notice`, where it has the call. */
export function cancelCall(state: RouterState, call: ClientCall, notice: Buffer): void {
  finish(state, call, 'cancelled')
  if (isAtServer(call)) withdraw(state, call, notice)
}

/** Ends a call with an error, while its server goes on; where that may still be at work on it, it hears that nobody waits. */
export function endWithFailure(
  state: RouterState,
  call: ClientCall,
  end: { outcome: 'failed' | 'expired'; failure: RequestFailure },
): void {
  const { delivered, message } = end.failure
  answerWithError(state, call, end.outcome, end.failure)
  if (delivered === 'unknown') withdraw(state, call, cancelNotice(call.requestId, message))
  else takeBack(state, call)
}

/** Tells the server that a request it has is not wanted any more. */
export function cancelNotice(requestId: number, reason: string): Buffer {
  return notificationFrame('notifications/cancelled', { requestId, reason })
}

/** Forgets a call. */
export function finish(state: RouterState, call: Call, outcome: RequestOutcome): void {
  state.calls.remove(call)
  state.outbox.put({ kind: 'request-finished', requestId: call.requestId, outcome })
}

function withdraw(state: RouterState, call: ClientCall, notice: Buffer): void {
  state.outbox.toServer(notice)
  // The server may have carried it out already.
  if (takeBack(state, call)) askServer(state, 'resources/unsubscribe', { uri: call.uri })
}

/**
 * What did not come to a good end is not so: the client has no subscription, and the server is at no level that we know.
 * Returns whether nobody is left who wants the resource.
 */
function takeBack(state: RouterState, call: ClientCall): boolean {
  // Of what waits nothing is so yet.
  if (!isAtServer(call)) return false
  const { method, uri, client } = call
  if (method === 'logging/setLevel') state.serverLogLevel = undefined
  return method === 'resources/subscribe' && uri !== undefined && state.subscriptions.remove(uri, client.id)
}

function answerWithError(state: RouterState, call: ClientCall, outcome: RequestOutcome, failure: RequestFailure): void {
  const { requestId } = call
  answerClient(state, call, errorFrame(call.id.raw, failureError(state, failure, { ...failure, requestId })))
  finish(state, call, outcome)
}

function answerClient(state: RouterState, { client, requestId, method }: ClientCall, frame: Buffer): void {
  state.outbox.toClient(client.id, frame, { requestId, method })
}
