import { isJsonObject } from '../../shared/json-object.ts'
import type { PagedList } from '../tool-catalog/list-pages.ts'
import type { ItemByKind, ListKind } from './server-lists.ts'

interface Kind {
  readonly list: PagedList
  /** Which of a server's capabilities says that it has such a list. */
  readonly capability: 'prompts' | 'resources'
  /** What an item is known by. */
  readonly key: string
}

const KINDS: Readonly<Record<ListKind, Kind>> = {
  prompts: {
    list: { method: 'prompts/list', member: 'prompts', name: 'prompts' },
    capability: 'prompts',
    key: 'name',
  },
  resources: {
    list: { method: 'resources/list', member: 'resources', name: 'resources' },
    capability: 'resources',
    key: 'uri',
  },
  resourceTemplates: {
    list: { method: 'resources/templates/list', member: 'resourceTemplates', name: 'resource templates' },
    capability: 'resources',
    key: 'uriTemplate',
  },
}

/** How a server is asked for a list. */
export function pagedListOf(kind: ListKind): PagedList {
  return KINDS[kind].list
}

/** What a server says of a list in its result of initialize: whether it has one, and whether it tells when that changes. */
export function capabilityOf(kind: ListKind, greeting: Record<string, unknown>): { has: boolean; tells: boolean } {
  const { capabilities } = greeting
  const capability = isJsonObject(capabilities) ? capabilities[KINDS[kind].capability] : undefined
  return { has: isJsonObject(capability), tells: isJsonObject(capability) && capability['listChanged'] === true }
}

/** What of a list can be shown: broken items are left out alone, and so is what is known by what an item before it is. */
export function readItems<Of extends ListKind>(kind: Of, listed: readonly unknown[]): ItemByKind[Of][] {
  const { key } = KINDS[kind]
  const isItem = (value: unknown): value is ItemByKind[Of] =>
    isJsonObject(value) && isText(value['name']) && isText(value[key])
  const byKey = new Map<unknown, ItemByKind[Of]>()
  for (const item of listed) if (isItem(item) && !byKey.has(item[key])) byKey.set(item[key], item)
  return [...byKey.values()]
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}
