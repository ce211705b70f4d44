import { notificationFrame, requestFrame } from '../../shared/frames/frame-write.ts'
import type { RouterMethod } from './call-table.ts'
import type { RouterState } from './router-state.ts'

/** The next id for a request to the server. */
export function nextRequestId(state: RouterState): number {
  state.lastRequestId++
  return state.lastRequestId
}

/** Sends the connected server a request of the router's own; `uri` is the resource it is about. Returns the request's id. */
export function askServer(
  state: RouterState,
  method: RouterMethod,
  params?: { uri?: string | undefined; [member: string]: unknown },
): number {
  if (method !== 'ping') announce(state)
  const requestId = nextRequestId(state)
  state.calls.addRouterCall({ kind: 'router', requestId, method, uri: params?.uri })
  state.outbox.put({ kind: 'request-started', requestId, clientId: undefined, method, name: undefined })
  state.outbox.toServer(requestFrame(requestId, method, params))
  return requestId
}

/**
 * Completes the handshake with a server that is ready, once: when the first client does the same, or before anything else is sent.
 * Servers ask for roots at this moment, so a client should be there to be asked.
 */
export function announce(state: RouterState): void {
  if (state.server.name !== 'ready' || state.server.announced) return
  state.server = { name: 'ready', announced: true }
  state.outbox.toServer(notificationFrame('notifications/initialized'))
}
