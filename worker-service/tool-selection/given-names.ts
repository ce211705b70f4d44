import { type ClientNames, createClientNames, type NamedItem, toItemId } from './client-names.ts'

// More than there are, so that those that come and go are remembered; bounded, as servers choose the names.
const MAX_REMEMBERED = 50_000

/** Gives names to items while these change: a name once given stays with its item, also while that is away. */
export class GivenNames {
  /** By ids, longest away first. */
  readonly #given = new Map<string, string>()
  readonly #maxRemembered: number

  constructor(maxRemembered = MAX_REMEMBERED) {
    this.#maxRemembered = maxRemembered
  }

  /** The names of what there is now. */
  give(items: readonly NamedItem[]): ClientNames {
    const names = createClientNames(items, this.#given)
    for (const id of items.map(toItemId)) {
      const name = names.nameOf(id)
      if (name === undefined) continue
      this.#given.delete(id)
      this.#given.set(id, name)
    }
    const excess = Math.max(0, this.#given.size - this.#maxRemembered)
    for (const id of [...this.#given.keys()].slice(0, excess)) this.#given.delete(id)
    return names
  }
}
