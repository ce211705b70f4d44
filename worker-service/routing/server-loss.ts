import type { Failure } from '../../shared/errors/json-rpc-error.ts'
import { errorFrame } from '../../shared/frames/frame-write.ts'
import { finish, loseCall } from './call-ends.ts'
import { failureError } from './replies.ts'
import type { RouterState } from './router-state.ts'
import { forgetServerMemory } from './server-memory.ts'

/**
 * The server is gone. Every request in flight ends with one error that says whether the server may have carried it out; nothing is sent
 * again. Clients keep their sessions, levels and subscriptions, which the next server is told of.
 */
export function loseServer(state: RouterState, loss: Failure, greet = defaultGreeting(state, loss)): void {
  state.server = { name: 'absent' }
  for (const client of state.clients.values()) {
    if (client.phase.name !== 'waiting') continue
    state.outbox.toClient(client.id, greet(client.phase.id.raw))
    client.phase = { name: 'new', refusedFor: loss }
  }
  for (const call of state.calls.all()) {
    if (call.kind === 'client') loseCall(state, call, loss)
    else finish(state, call, 'lost')
  }
  forgetServerMemory(state)
  state.toolCheck = { name: 'due' }
}

function defaultGreeting(state: RouterState, loss: Failure): (idRaw: string) => Buffer {
  return (idRaw) => errorFrame(idRaw, failureError(state, loss))
}
