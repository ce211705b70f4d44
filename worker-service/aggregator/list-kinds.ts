import { isJsonObject } from '../../shared/json-object.ts'
import { type PagedList, PROMPTS, RESOURCE_TEMPLATES, RESOURCES } from '../tool-catalog/paged-lists.ts'
import type { ItemByKind, ListKind } from './server-lists.ts'

interface Kind {
  readonly list: PagedList
  /** What an item is known by. */
  readonly key: string
}

const KINDS: Readonly<Record<ListKind, Kind>> = {
  prompts: { list: PROMPTS, key: 'name' },
  resources: { list: RESOURCES, key: 'uri' },
  resourceTemplates: { list: RESOURCE_TEMPLATES, key: 'uriTemplate' },
}

/** How a server is asked for a list. */
export function pagedListOf(kind: ListKind): PagedList {
  return KINDS[kind].list
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
