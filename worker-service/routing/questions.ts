import { INTERNAL_ERROR, METHOD_NOT_FOUND } from '../../shared/errors/json-rpc-code.ts'
import {
  type AnswerFrame,
  type NotificationFrame,
  type RequestFrame,
  readString,
  readToken,
} from '../../shared/frames/frame-scan.ts'
import { errorFrame, notificationFrame, resultFrame, rewriteFrame } from '../../shared/frames/frame-write.ts'
import { belongsTo } from './attribution.ts'
import type { Client } from './client.ts'
import { failureError, refusal } from './replies.ts'
import { initializedClients, type Question, type RouterState } from './router-state.ts'

/**
 * Who a question is for, in this order: the client to whom it says that it belongs · the only client with calls at the server · the only
 * client that could answer it. Beyond that nobody can tell; where several have calls at the server, they take turns from then on.
 * A call that was cancelled counts no longer, although a server may still ask for it: MCP has it stop.
 */
type Addressee = { readonly kind: 'client'; readonly client: Client } | { readonly kind: 'none' | 'several' }

/** Passes a question of the server on to the client it is for, or answers it with an error. `relatedTo` is the request on whose stream it came. */
export function routeQuestion(state: RouterState, frame: RequestFrame, relatedTo: number | undefined): void {
  if (frame.method === 'ping') return state.outbox.toServer(resultFrame(frame.id.raw, '{}'))
  const addressee = addresseeOf(state, frame, relatedTo)
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

function addresseeOf(state: RouterState, frame: RequestFrame, relatedTo: number | undefined): Addressee {
  const owner = belongsTo(state, frame, relatedTo)
  if (owner === 'gone') return { kind: 'none' }
  if (owner !== 'unsaid') return { kind: 'client', client: owner }
  const [busy, ...others] = state.calls.clientsAtServer().filter(({ isService }) => !isService)
  if (busy !== undefined && others.length === 0) return { kind: 'client', client: busy }
  const [able, ...moreAble] = initializedClients(state).filter((client) => canAnswer(client, frame))
  if (able === undefined) return { kind: 'none' }
  if (moreAble.length === 0) return { kind: 'client', client: able }
  if (busy !== undefined) serialise(state)
  return { kind: 'several' }
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
  state.lastQuestionId++
  const questionId = state.lastQuestionId
  const progressToken = readToken(frame, 'params._meta.progressToken')
  state.questions.set(questionId, { questionId, client, serverId: frame.id, progressToken })
  state.outbox.toClient(client.id, rewriteFrame(frame, { id: String(questionId) }))
}

function decline(state: RouterState, frame: RequestFrame, code: number, message: string): void {
  state.outbox.toServer(errorFrame(frame.id.raw, refusal(state, code, message)))
}

function canAnswer({ abilities }: Client, frame: RequestFrame): boolean {
  switch (frame.method) {
    case 'roots/list':
      return abilities.roots
    case 'sampling/createMessage':
      return frame.spans.has('params.tools') ? abilities.samplingWithTools : abilities.sampling
    case 'elicitation/create':
      return readString(frame, 'params.mode') === 'url' ? abilities.elicitationByUrl : abilities.elicitationByForm
    default:
      return true
  }
}

/** Gives the server a client's answer, under the server's own id. Returns false for an answer to nothing, or to another's question. */
export function answerQuestion(state: RouterState, client: Client, frame: AnswerFrame): boolean {
  const question = typeof frame.id.value === 'number' ? state.questions.get(frame.id.value) : undefined
  if (question?.client !== client) return false
  state.questions.delete(question.questionId)
  state.outbox.toServer(rewriteFrame(frame, { id: question.serverId.raw }))
  return true
}

/** Tells the client that the server no longer wants an answer. Returns false where it had asked nothing by that id. */
export function withdrawQuestion(state: RouterState, frame: NotificationFrame): boolean {
  const serverId = readToken(frame, 'params.requestId')?.value
  const question = state.questions.values().find((open) => open.serverId.value === serverId)
  if (question === undefined) return false
  state.questions.delete(question.questionId)
  state.outbox.toClient(question.client.id, rewriteFrame(frame, { 'params.requestId': String(question.questionId) }))
  return true
}

/** Tells the clients that nobody waits any more for what they were asked. */
export function withdrawQuestions(state: RouterState): void {
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
