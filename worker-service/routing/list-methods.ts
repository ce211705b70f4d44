import type { ServerList } from './outbox.ts'

/** The lists that a server may be asked for, by method; and which of its lists each is part of. */
const LIST_BY_METHOD = {
  'tools/list': 'tools',
  'prompts/list': 'prompts',
  'resources/list': 'resources',
  'resources/templates/list': 'resources',
} as const satisfies Record<string, ServerList>

/** A method that asks for a list. */
export type ListMethod = keyof typeof LIST_BY_METHOD

/** A method whose answer, asked for without params, is the same until the server says otherwise or is another. */
export type RecalledMethod = 'initialize' | ListMethod

/** Whether a method asks for a list. */
export function isListMethod(method: string): method is ListMethod {
  return Object.hasOwn(LIST_BY_METHOD, method)
}

/** Which list of a server a method asks for. */
export function listOf(method: ListMethod): ServerList {
  return LIST_BY_METHOD[method]
}

/** What a server, or we for it, says when a list of its is another. */
export function newsOf(list: ServerList): string {
  return `notifications/${list}/list_changed`
}
