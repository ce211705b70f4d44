import type { NotificationFrame } from '../../shared/frames/frame-scan.ts'
import { notificationFrame } from '../../shared/frames/frame-write.ts'
import { newsOf } from './list-methods.ts'
import type { ServerList } from './outbox.ts'
import { forgetRecalledLists } from './recalled-lists.ts'
import { initializedClients, type RouterState } from './router-state.ts'
import { listsOf } from './server-greeting.ts'

const LISTS: readonly ServerList[] = ['tools', 'prompts', 'resources']

/** Notes which list is another now, where a notification of the server says so. Returns whether it does. */
export function noteListChange(state: RouterState, { method }: NotificationFrame): boolean {
  const list = LISTS.find((one) => newsOf(one) === method)
  if (list === undefined) return false
  state.outbox.put({ kind: 'list-changed', list })
  forgetRecalledLists(state, list)
  return true
}

/** Tells every client that each of the server's lists may be another now, and notes it. */
export function announceListChanges(state: RouterState): void {
  const lists = state.greeting === undefined ? [] : listsOf(state.greeting)
  for (const list of lists) {
    state.outbox.put({ kind: 'list-changed', list })
    announceListChange(state, list)
  }
}

/** Tells every client that a list may be another now. */
export function announceListChange(state: RouterState, list: ServerList): void {
  forgetRecalledLists(state, list)
  for (const { id } of initializedClients(state)) state.outbox.toClient(id, notificationFrame(newsOf(list)))
}
