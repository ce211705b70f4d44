import { type RequestFrame, readString } from '../../shared/frames/frame-scan.ts'
import { belongsTo } from './attribution.ts'
import type { Client, ClientCall } from './client.ts'
import { initializedClients, type RouterState } from './router-state.ts'

/**
 * Whom a question is for. `one-of`: the client of one of these calls, which are at the server; which one can be told when the others are
 * answered, since a call whose question is open is not. `several`: any client that is there, and nobody can tell.
 */
export type Addressee =
  | { readonly kind: 'client'; readonly client: Client }
  | { readonly kind: 'one-of'; readonly suspects: readonly ClientCall[] }
  | { readonly kind: 'none' | 'several' }

/**
 * In this order: the client to whom the question says that it belongs · the one whose calls are at the server · where none are, the only
 * client that could answer it. That a client cannot answer does not clear it: servers believe that all can. A call that was cancelled
 * counts no longer, although a server may still ask for it: MCP has it stop.
 */
export function addresseeOf(state: RouterState, frame: RequestFrame, relatedTo: number | undefined): Addressee {
  const owner = belongsTo(state, frame, relatedTo)
  if (owner === 'gone') return { kind: 'none' }
  if (owner !== 'unsaid') return { kind: 'client', client: owner }
  const suspects = state.calls.clientCallsAtServer().filter(({ client }) => !client.isService)
  if (suspects.length > 0) return addresseeAmong(state, frame, suspects)
  const [able, ...moreAble] = initializedClients(state).filter((client) => canAnswer(client, frame))
  if (able === undefined) return { kind: 'none' }
  return moreAble.length === 0 ? { kind: 'client', client: able } : { kind: 'several' }
}

/** Whom a question is for that was asked for the sake of one of these calls. What has ended without the server's answer may be what it is for. */
export function addresseeAmong(state: RouterState, frame: RequestFrame, suspects: readonly ClientCall[]): Addressee {
  const clients = new Set(suspects.map(({ client }) => client))
  const [client] = clients
  const isAwaited = suspects.some((call) => state.calls.get(call.requestId) === call)
  if (client === undefined || !isAwaited) return { kind: 'none' }
  if (clients.size === 1) return { kind: 'client', client }
  return [...clients].some((one) => canAnswer(one, frame)) ? { kind: 'one-of', suspects } : { kind: 'none' }
}

/** Whether a client has said that it can be asked this. */
export function canAnswer({ abilities }: Client, frame: RequestFrame): boolean {
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
