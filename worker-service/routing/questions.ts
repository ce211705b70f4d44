import { copyToKeep } from '../../shared/copy-to-keep.ts'
import { INTERNAL_ERROR, METHOD_NOT_FOUND } from '../../shared/errors/json-rpc-code.ts'
import {
  type AnswerFrame,
  type NotificationFrame,
  type RequestFrame,
  readToken,
} from '../../shared/frames/frame-scan.ts'
import { errorFrame, notificationFrame, resultFrame, rewriteFrame } from '../../shared/frames/frame-write.ts'
import { type Addressee, addresseeAmong, addresseeOf, canAnswer } from './addressee.ts'
import type { Client, ClientCall } from './client.ts'
import { failureError, refusal } from './replies.ts'
import type { HeldQuestion, Question, RouterState } from './router-state.ts'

/**
 * Passes a question of the server on to the client it is for, answers it with an error, or holds it until it can be told for whose call
 * it is. `relatedTo` is the request on whose stream it came.
 */
export function routeQuestion(state: RouterState, frame: RequestFrame, relatedTo: number | undefined): void {
  if (frame.method === 'ping') return state.outbox.toServer(resultFrame(frame.id.raw, '{}'))
  const addressee = addresseeOf(state, frame, relatedTo)
  if (addressee.kind === 'one-of') hold(state, frame, addressee.suspects)
  else settle(state, addressee, frame)
}

/** The server has answered a call, so that nothing it still asks is for the sake of that. */
export function noteAnsweredCall(state: RouterState, answered: ClientCall): void {
  for (const held of state.heldQuestions.values()) {
    held.suspects = held.suspects.filter((call) => call !== answered)
  }
}

/** Passes on the questions of which it can be told by now whom they are for. */
export function releaseHeldQuestions(state: RouterState): void {
  for (const held of state.heldQuestions.values()) {
    const addressee = addresseeAmong(state, held.frame, held.suspects)
    if (addressee.kind === 'one-of') continue
    release(state, held)
    settle(state, addressee, held.frame)
  }
}

/** Answers a question with an error that was held for too long. */
export function giveUpQuestion(state: RouterState, questionId: number): void {
  const held = state.heldQuestions.get(questionId)
  if (held === undefined) return
  release(state, held)
  settle(state, { kind: 'several' }, held.frame)
}

function settle(state: RouterState, addressee: Exclude<Addressee, { kind: 'one-of' }>, frame: RequestFrame): void {
  switch (addressee.kind) {
    case 'client':
      return ask(state, addressee.client, frame)
    case 'none':
      return decline(state, frame, METHOD_NOT_FOUND, `No client is there that supports ${frame.method}.`)
    case 'several':
      state.outbox.put({ kind: 'unattributed', method: frame.method })
      return decline(
        state,
        frame,
        INTERNAL_ERROR,
        `Several clients are there; whom ${frame.method} is for cannot be told.`,
      )
  }
}

/** Calls of other clients wait from here on: they would be more for whose sake it could be. */
function hold(state: RouterState, frame: RequestFrame, suspects: readonly ClientCall[]): void {
  serialise(state)
  if (state.heldQuestions.size >= state.options.maxInFlightPerClient) {
    return settle(state, { kind: 'several' }, frame)
  }
  const questionId = nextQuestionId(state)
  const kept = { ...frame, bytes: copyToKeep(frame.bytes) }
  state.heldQuestions.set(questionId, { questionId, frame: kept, suspects })
  state.outbox.put({ kind: 'question-held', questionId })
}

function release(state: RouterState, { questionId }: HeldQuestion): void {
  state.heldQuestions.delete(questionId)
  state.outbox.put({ kind: 'question-released', questionId })
}

function serialise(state: RouterState): void {
  if (state.oneClientAtATime) return
  state.oneClientAtATime = true
  state.outbox.put({ kind: 'serialised' })
}

function ask(state: RouterState, client: Client, frame: RequestFrame): void {
  if (!canAnswer(client, frame)) {
    return decline(state, frame, METHOD_NOT_FOUND, `The client does not support ${frame.method} as asked.`)
  }
  const limit = state.options.maxInFlightPerClient
  if (questionsTo(state, client).length >= limit) {
    const message = `The client has ${limit} questions to answer already.`
    return state.outbox.toServer(errorFrame(frame.id.raw, failureError(state, { code: 'overloaded', message })))
  }
  const questionId = nextQuestionId(state)
  const progressToken = readToken(frame, 'params._meta.progressToken')
  const during = state.calls.clientCallsAtServer().filter((call) => call.client === client)
  state.questions.set(questionId, { questionId, client, serverId: frame.id, progressToken, during })
  state.outbox.toClient(client.id, rewriteFrame(frame, { id: String(questionId) }))
  if (frame.method === 'roots/list') state.outbox.put({ kind: 'roots-asked' })
}

function nextQuestionId(state: RouterState): number {
  state.lastQuestionId++
  return state.lastQuestionId
}

function decline(state: RouterState, frame: RequestFrame, code: number, message: string): void {
  state.outbox.toServer(errorFrame(frame.id.raw, refusal(state, code, message)))
}

/** Gives the server a client's answer, under the server's own id. Returns false for an answer to nothing, or to another's question. */
export function answerQuestion(state: RouterState, client: Client, frame: AnswerFrame): boolean {
  const question = typeof frame.id.value === 'number' ? state.questions.get(frame.id.value) : undefined
  if (question?.client !== client) return false
  state.questions.delete(question.questionId)
  state.outbox.toServer(rewriteFrame(frame, { id: question.serverId.raw }))
  return true
}

/** Tells the client that the server no longer wants an answer. Returns false where it waits for none by that id. */
export function withdrawQuestion(state: RouterState, frame: NotificationFrame): boolean {
  const serverId = readToken(frame, 'params.requestId')?.value
  const held = state.heldQuestions.values().find((one) => one.frame.id.value === serverId)
  if (held !== undefined) {
    release(state, held)
    return true
  }
  const question = state.questions.values().find((open) => open.serverId.value === serverId)
  if (question === undefined) return false
  state.questions.delete(question.questionId)
  state.outbox.toClient(question.client.id, rewriteFrame(frame, { 'params.requestId': String(question.questionId) }))
  return true
}

/** Tells the clients that nobody waits any more for what they were asked, and forgets what nobody was asked yet. */
export function withdrawQuestions(state: RouterState): void {
  for (const held of state.heldQuestions.values()) release(state, held)
  for (const { client, questionId } of state.questions.values()) {
    const moot = { requestId: questionId, reason: 'The server no longer waits for an answer.' }
    state.outbox.toClient(client.id, notificationFrame('notifications/cancelled', moot))
  }
  state.questions.clear()
}

/** Passes on a client's progress with a question. Returns false where it was not asked under that token. */
export function relayClientProgress(state: RouterState, client: Client, frame: NotificationFrame): boolean {
  const token = readToken(frame, 'params.progressToken')
  const asked = questionsTo(state, client).some(({ progressToken }) => progressToken?.value === token?.value)
  if (token === undefined || !asked) return false
  state.outbox.toServer(frame.bytes)
  return true
}

/** Answers in the place of a client that is gone. */
export function answerForGoneClient(state: RouterState, client: Client): void {
  for (const { questionId, serverId } of questionsTo(state, client)) {
    state.questions.delete(questionId)
    const error = failureError(state, { code: 'connection_closed', message: 'The client has disconnected.' })
    state.outbox.toServer(errorFrame(serverId.raw, error))
  }
}

function questionsTo(state: RouterState, client: Client): Question[] {
  return [...state.questions.values()].filter((question) => question.client === client)
}
