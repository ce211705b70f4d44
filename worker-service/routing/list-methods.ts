import type { ListMethod } from '../../shared/contracts/list-methods.ts'
import type { ServerList } from './outbox.ts'

/** A method whose answer, asked for without params, is the same until the server says otherwise or is another. */
export type RecalledMethod = 'initialize' | ListMethod

const LIST_BY_METHOD: Readonly<Record<ListMethod, ServerList>> = {
  'tools/list': 'tools',
  'prompts/list': 'prompts',
  'resources/list': 'resources',
  'resources/templates/list': 'resources',
}

/** Which list of a server a method asks for. */
export function listOf(method: ListMethod): ServerList {
  return LIST_BY_METHOD[method]
}

/** What a server, or we for it, says when a list of its is another. */
export function newsOf(list: ServerList): string {
  return `notifications/${list}/list_changed`
}
