import type { NotificationFrame } from '../../shared/frames/frame-scan.ts'
import { notificationFrame } from '../../shared/frames/frame-write.ts'
import type { ServerList } from './outbox.ts'
import { initializedClients, type RouterState } from './router-state.ts'
import { listsOf } from './server-greeting.ts'

const LIST_BY_NEWS: ReadonlyMap<string, ServerList> = new Map([
  ['notifications/tools/list_changed', 'tools'],
  ['notifications/prompts/list_changed', 'prompts'],
  ['notifications/resources/list_changed', 'resources'],
])

/** Notes which list is another now, where a notification of the server says so. Returns whether it does. */
export function noteListChange(state: RouterState, { method }: NotificationFrame): boolean {
  const list = LIST_BY_NEWS.get(method)
  if (list !== undefined) state.outbox.put({ kind: 'list-changed', list })
  return list !== undefined
}

/** Tells every client that each of the server's lists may be another now, and notes it. */
export function announceListChanges(state: RouterState): void {
  const lists = state.greeting === undefined ? [] : listsOf(state.greeting)
  for (const [method, list] of LIST_BY_NEWS) {
    if (!lists.includes(list)) continue
    state.outbox.put({ kind: 'list-changed', list })
    for (const { id } of initializedClients(state)) state.outbox.toClient(id, notificationFrame(method))
  }
}
