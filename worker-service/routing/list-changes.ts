import type { NotificationFrame } from '../../shared/frames/frame-scan.ts'
import { notificationFrame } from '../../shared/frames/frame-write.ts'
import { forgetHeldLists } from './held-lists.ts'
import { newsOf } from './list-methods.ts'
import type { ServerList } from './outbox.ts'
import { initializedClients, type RouterState } from './router-state.ts'
import { listsOf } from './server-greeting.ts'
import { renewToolCheck } from './tool-check.ts'

const LISTS: readonly ServerList[] = ['tools', 'prompts', 'resources']

/** Notes which list is another now, where a notification of the server says so. Returns whether it does. */
export function noteListChange(state: RouterState, { method }: NotificationFrame): boolean {
  const list = LISTS.find((one) => newsOf(one) === method)
  if (list === undefined) return false
  state.outbox.put({ kind: 'list-changed', list })
  forget(state, list)
  return true
}

/** Tells every client that each of the server's lists may be another now, and notes it. */
export function announceListChanges(state: RouterState): void {
  for (const list of listsIn(state)) {
    state.outbox.put({ kind: 'list-changed', list })
    announceListChange(state, list)
  }
}

/** Tells every client that each of the server's lists may be another now, since it is another server. */
export function tellOfOtherLists(state: RouterState): void {
  for (const list of listsIn(state)) announceListChange(state, list)
}

/** Tells every client that a list may be another now. */
export function announceListChange(state: RouterState, list: ServerList): void {
  forget(state, list)
  for (const { id } of initializedClients(state)) state.outbox.toClient(id, notificationFrame(newsOf(list)))
}

function listsIn({ greeting }: RouterState): ServerList[] {
  return greeting === undefined ? [] : listsOf(greeting)
}

function forget(state: RouterState, list: ServerList): void {
  if (list === 'tools') renewToolCheck(state)
  forgetHeldLists(state, list)
}
