import { isListMethod, type ListMethod } from '../../shared/contracts/list-methods.ts'
import { copyToKeep } from '../../shared/copy-to-keep.ts'
import type { AnswerFrame, RequestFrame } from '../../shared/frames/frame-scan.ts'
import { notificationFrame, recalledFrame } from '../../shared/frames/frame-write.ts'
import { valueAt } from '../../shared/frames/value-at.ts'
import { isJsonObject } from '../../shared/json-object.ts'
import type { Client, ClientCall } from './client.ts'
import { listOf, newsOf } from './list-methods.ts'
import type { ServerList } from './outbox.ts'
import { askServer, nextRequestId } from './router-calls.ts'
import { initializedClients, type RouterState } from './router-state.ts'

/** The list of which a request asks for the first page, with no params that could make its answer another one. */
export function firstPageOf({ method, bytes, spans }: RequestFrame): ListMethod | undefined {
  if (!isListMethod(method)) return undefined
  const span = spans.get('params')
  if (span === undefined) return method
  const params = valueAt(bytes, span)
  const isFirst = isJsonObject(params) && Object.keys(params).every((name) => name === '_meta')
  return isFirst ? method : undefined
}

/** Answers a client's request for a list as the server once did, while there is none to ask. Returns whether it could. */
export function answerFromMemory(state: RouterState, client: Client, frame: RequestFrame): boolean {
  if (state.server.name === 'ready' || client.isService) return false
  const method = firstPageOf(frame)
  const result = method && state.options.recall?.(method)
  if (method === undefined || result === undefined) return false
  client.held.set(method, versionOf(state, method, result))
  state.outbox.toClient(client.id, recalledFrame(frame.id.raw, result), { requestId: nextRequestId(state), method })
  return true
}

/** Takes note that the server has answered a request for a list: whose it was holds that one from now on. */
export function noteGivenList(state: RouterState, { client, list }: ClientCall, answer: AnswerFrame): void {
  const result = list && resultOf(answer)
  if (list === undefined || result === undefined) return
  const version = versionOf(state, list, result)
  if (client.isService) tell(state, misledBy(state, list, version), list)
  else client.held.set(list, version)
}

/** Asks a server that is ready for the lists that clients hold from before. */
export function verifyHeldLists(state: RouterState): void {
  const methods = initializedClients(state).flatMap(({ held }) => [...held.keys()])
  for (const method of new Set(methods)) askServer(state, method)
}

/** Takes the server's answer to that: where clients hold another, or perhaps another on later pages, they are told that the list has changed. */
export function settleHeldList(state: RouterState, method: ListMethod, answer: AnswerFrame): void {
  const result = resultOf(answer)
  const version = result && isWhole(result) ? versionOf(state, method, result) : undefined
  const misled = misledBy(state, method, version)
  if (misled.length > 0) state.outbox.put({ kind: 'list-changed', list: listOf(method) })
  tell(state, misled, method)
}

/** Clients hear that a list is another now, and need not be told again. */
export function forgetHeldLists({ clients }: RouterState, list: ServerList): void {
  for (const { held } of clients.values()) {
    for (const method of held.keys()) if (listOf(method) === list) held.delete(method)
  }
}

/** The clients that hold another list than this one. */
function misledBy(state: RouterState, method: ListMethod, version: number | undefined): Client[] {
  return initializedClients(state).filter(({ held }) => held.has(method) && held.get(method) !== version)
}

function tell(state: RouterState, clients: readonly Client[], method: ListMethod): void {
  for (const { id, held } of clients) {
    held.delete(method)
    state.outbox.toClient(id, notificationFrame(newsOf(listOf(method))))
  }
}

/** The number of a list, another one where it is not as it was last. */
function versionOf({ latestLists }: RouterState, method: ListMethod, result: Buffer): number {
  const latest = latestLists.get(method)
  if (latest?.result.equals(result)) return latest.version
  const version = (latest?.version ?? 0) + 1
  latestLists.set(method, { result: copyToKeep(result), version })
  return version
}

function isWhole(result: Buffer): boolean {
  const list: unknown = JSON.parse(result.toString('utf8'))
  return isJsonObject(list) && typeof list['nextCursor'] !== 'string'
}

function resultOf({ bytes, spans }: AnswerFrame): Buffer | undefined {
  const span = spans.get('result')
  return span && bytes.subarray(span.start, span.end)
}
