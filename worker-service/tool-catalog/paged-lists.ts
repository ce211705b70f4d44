import type { ListMethod } from '../../shared/contracts/list-methods.ts'
import { isJsonObject } from '../../shared/json-object.ts'
import type { ServerList } from '../routing/outbox.ts'

/** What is listed: by which method, under which member of its result, and what people call it. */
export interface PagedList {
  readonly method: ListMethod
  readonly member: string
  readonly name: string
  /** Which of a server's capabilities says that it has such a list. */
  readonly capability: ServerList
}

export const TOOLS: PagedList = { method: 'tools/list', member: 'tools', name: 'tools', capability: 'tools' }

export const PROMPTS: PagedList = {
  method: 'prompts/list',
  member: 'prompts',
  name: 'prompts',
  capability: 'prompts',
}

export const RESOURCES: PagedList = {
  method: 'resources/list',
  member: 'resources',
  name: 'resources',
  capability: 'resources',
}

export const RESOURCE_TEMPLATES: PagedList = {
  method: 'resources/templates/list',
  member: 'resourceTemplates',
  name: 'resource templates',
  capability: 'resources',
}

/** Whether a server has any list of which it does not say when it changes, by its result of initialize. */
export function changesSilently(greeting: Record<string, unknown>): boolean {
  const said = [TOOLS, PROMPTS, RESOURCES].map((list) => capabilityOf(list, greeting))
  return said.some(({ has, tells }) => has && !tells)
}

/** What a server says of a list in its result of initialize: whether it has one, and whether it tells when that changes. */
export function capabilityOf(
  { capability }: PagedList,
  greeting: Record<string, unknown>,
): { has: boolean; tells: boolean } {
  const { capabilities } = greeting
  const said = isJsonObject(capabilities) ? capabilities[capability] : undefined
  return { has: isJsonObject(said), tells: isJsonObject(said) && said['listChanged'] === true }
}
