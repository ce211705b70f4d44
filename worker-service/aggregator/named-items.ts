import { nearestName, nearestNames } from '../../shared/nearest-name.ts'
import { type ClientNames, type NamedItem, toItemId } from '../tool-selection/client-names.ts'

/** A tool or prompt, and its definition as its server gave it. */
export interface KnownItem<Definition> extends NamedItem {
  readonly id: string
  readonly definition: Definition
}

/** What several servers have under names, and what a name that somebody says may mean. */
export class NamedItems<Definition extends { readonly name: string }> {
  /** In the order given. */
  readonly all: readonly KnownItem<Definition>[]
  readonly #names: ClientNames
  readonly #byId: ReadonlyMap<string, KnownItem<Definition>>
  readonly #byOwnName: ReadonlyMap<string, readonly KnownItem<Definition>[]>

  constructor(all: readonly KnownItem<Definition>[], names: ClientNames) {
    this.all = all
    this.#names = names
    this.#byId = new Map(all.map((item) => [item.id, item]))
    this.#byOwnName = Map.groupBy(all, ({ name }) => name)
  }

  byId(id: string): KnownItem<Definition> | undefined {
    return this.#byId.get(id)
  }

  /** The item that clients know by this name. */
  byClientName(name: string): KnownItem<Definition> | undefined {
    const id = this.#names.idOf(name)
    return id === undefined ? undefined : this.#byId.get(id)
  }

  /** An item's definition as clients see it: under their name for it, and otherwise as its server gave it. */
  toClient({ id, definition }: KnownItem<Definition>): Definition {
    return { ...definition, name: this.#names.nameOf(id) ?? definition.name }
  }

  /** What a text may mean: an id, a client name, an own name, `server__name`. */
  meantBy(text: string): readonly KnownItem<Definition>[] {
    const exact = this.#byId.get(text)
    if (exact !== undefined) return [exact]
    const renamed = this.byClientName(text)
    const found = new Set([...(renamed === undefined ? [] : [renamed]), ...(this.#byOwnName.get(text) ?? [])])
    return found.size > 0 ? [...found] : splits(text).flatMap((id) => this.#byId.get(id) ?? [])
  }

  /** The ids of what a mistyped text may mean. */
  nearestTo(text: string): string[] {
    const id = nearestName(text, [...this.#byId.keys()])
    if (id !== undefined) return [id]
    const own = nearestNames(text, [...this.#byOwnName.keys()])
    const items = own.flatMap((name) => this.#byOwnName.get(name) ?? [])
    return items.slice(0, MAX_NEAREST).map((item) => item.id)
  }
}

/** A server's items, to be known by names. */
export function toKnownItems<Definition extends { readonly name: string }>(
  server: string,
  definitions: readonly Definition[],
): KnownItem<Definition>[] {
  return definitions.map((definition) => {
    const { name } = definition
    return { id: toItemId({ server, name }), server, name, definition }
  })
}

// One name may be that of a tool of many servers.
const MAX_NEAREST = 3
const SEPARATOR = '__'

/** The ids that `server__name` may stand for, as both may have underscores. */
function splits(text: string): string[] {
  const ids: string[] = []
  for (let at = text.indexOf(SEPARATOR); at > 0; at = text.indexOf(SEPARATOR, at + 1)) {
    ids.push(toItemId({ server: text.slice(0, at), name: text.slice(at + SEPARATOR.length) }))
  }
  return ids
}
