import { itemsOn, parseObject } from '../tool-catalog/list-pages.ts'
import { capabilityOf } from '../tool-catalog/paged-lists.ts'
import type { ServerAnswers } from '../tool-catalog/server-answers.ts'
import { pagedListOf, readItems } from './list-kinds.ts'
import type { ItemByKind, ListKind, ServerList, ServerLists } from './server-lists.ts'

/** A server's list; `tells` where the server says when it changes. */
export interface KnownList<Kind extends ListKind> {
  readonly items: readonly ItemByKind[Kind][]
  readonly tells: boolean
}

/** The list that a server once gave; undefined where that is not known. */
export function recallList<Kind extends ListKind>(kind: Kind, answers: ServerAnswers): KnownList<Kind> | undefined {
  const [greeting] = answers.get('initialize') ?? []
  if (greeting === undefined) return undefined
  const list = pagedListOf(kind)
  const { has, tells } = capabilityOf(list, parseObject(greeting))
  if (!has) return { items: [], tells: true }
  const pages = answers.get(list.method)
  return pages && { items: readItems(kind, itemsOn(pages, list)), tells }
}

/** The lists of servers of which none runs and none is started. */
export class RememberedLists implements ServerLists {
  readonly #servers: readonly string[]
  readonly #answersOf: (server: string) => ServerAnswers

  /** `servers` are named in the order configured. */
  constructor(servers: readonly string[], answersOf: (server: string) => ServerAnswers) {
    this.#servers = servers
    this.#answersOf = answersOf
  }

  async of<Kind extends ListKind>(kind: Kind): Promise<readonly ServerList<Kind>[]> {
    return this.#servers.flatMap((server) => {
      const list = recallList(kind, this.#answersOf(server))
      return list === undefined ? [] : [{ server, items: list.items }]
    })
  }
}
