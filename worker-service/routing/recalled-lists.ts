import { isListMethod, type ListMethod } from '../../shared/contracts/list-methods.ts'
import type { AnswerFrame, RequestFrame } from '../../shared/frames/frame-scan.ts'
import { notificationFrame, recalledFrame } from '../../shared/frames/frame-write.ts'
import { isJsonObject } from '../../shared/json-object.ts'
import type { Client } from './client.ts'
import { listOf, newsOf } from './list-methods.ts'
import type { ServerList } from './outbox.ts'
import { askServer, nextRequestId } from './router-calls.ts'
import { initializedClients, type RouterState } from './router-state.ts'

const NOTHING = Buffer.alloc(0)

/** Answers a client's request for a list as the server once did, while there is none to ask. Returns whether it could. */
export function answerFromMemory(state: RouterState, client: Client, frame: RequestFrame): boolean {
  const { method, id } = frame
  if (state.server.name === 'ready' || client.isService || !isListMethod(method) || !asksForFirstPage(frame))
    return false
  const result = state.options.recall?.(method)
  if (result === undefined) return false
  client.recalled.set(method, result)
  state.outbox.toClient(client.id, recalledFrame(id.raw, result), { requestId: nextRequestId(state), method })
  return true
}

/** Asks a server that is ready for the lists that clients were given without it. */
export function verifyRecalledLists(state: RouterState): void {
  const methods = initializedClients(state).flatMap(({ recalled }) => [...recalled.keys()])
  for (const method of new Set(methods)) askServer(state, method)
}

/** Takes the server's own answer: where clients were given another, the list has changed, and they are told. */
export function settleRecalledList(state: RouterState, method: ListMethod, { bytes, spans }: AnswerFrame): void {
  const span = spans.get('result')
  const result = span && bytes.subarray(span.start, span.end)
  const list = listOf(method)
  const given = initializedClients(state).filter(({ recalled }) => recalled.has(method))
  const misled = given.filter(({ recalled }) => !result?.equals(recalled.get(method) ?? NOTHING))
  for (const { recalled } of given) recalled.delete(method)
  if (misled.length > 0) state.outbox.put({ kind: 'list-changed', list })
  for (const { id } of misled) state.outbox.toClient(id, notificationFrame(newsOf(list)))
}

/** Clients hear that a list is another now, and need not be told again. */
export function forgetRecalledLists({ clients }: RouterState, list: ServerList): void {
  for (const { recalled } of clients.values()) {
    for (const method of recalled.keys()) if (listOf(method) === list) recalled.delete(method)
  }
}

/** Whether a request has no params that could make its answer another one. */
function asksForFirstPage({ bytes, spans }: RequestFrame): boolean {
  const span = spans.get('params')
  if (span === undefined) return true
  const params: unknown = JSON.parse(bytes.toString('utf8', span.start, span.end))
  return isJsonObject(params) && Object.keys(params).every((name) => name === '_meta')
}
