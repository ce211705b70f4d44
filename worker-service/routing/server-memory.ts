import { announceListChanges } from './list-changes.ts'
import { adjustServerLogLevel } from './log-routing.ts'
import { withdrawQuestions } from './questions.ts'
import { askServer } from './router-calls.ts'
import type { RouterState } from './router-state.ts'

/** The server knows nothing of us any more: neither what clients had set nor what it had asked them. Clients keep it, for the next. */
export function forgetServerMemory(state: RouterState): void {
  state.serverLogLevel = undefined
  state.subscriptions.forgetConfirmations()
  withdrawQuestions(state)
}

/** Sets at a server that is ready what clients had set before. */
export function restoreServerMemory(state: RouterState): void {
  adjustServerLogLevel(state)
  for (const uri of state.subscriptions.uris()) askServer(state, 'resources/subscribe', { uri })
}

/** A ready server has forgotten its session with us and begun another: what it must know is told anew, and its lists may be others. */
export function renewServerMemory(state: RouterState): void {
  if (state.server.name !== 'ready') return
  forgetServerMemory(state)
  restoreServerMemory(state)
  announceListChanges(state)
}
