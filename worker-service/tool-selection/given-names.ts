import { type ClientNames, createClientNames, type NamedItem, toItemId } from './client-names.ts'

// More than there are, so that those that come and go are remembered; bounded, as servers choose the names.
const MAX_REMEMBERED = 50_000
const MAX_KEPT_AWAY = 1_000

/** Gives names to items while these change: a name once given stays with its item, also while that is away. */
export class GivenNames {
  /** By ids, longest away first. */
  readonly #given: Map<string, string>
  readonly #maxRemembered: number

  /** `remembered` are names by ids that were given before. */
  constructor(remembered: ReadonlyMap<string, string> = new Map(), maxRemembered = MAX_REMEMBERED) {
    this.#given = new Map(remembered)
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

  /**
   * What must be kept so that the names come out the same in the next process: those that would be others, were they given anew in this
   * order, and those of what was here last among what is away.
   */
  toKeep(items: readonly NamedItem[]): ReadonlyMap<string, string> {
    const here = new Set(items.map(toItemId))
    const { away = [], present = [] } = Object.groupBy(this.#given, ([id]) => (here.has(id) ? 'present' : 'away'))
    const kept = new Map(away.slice(-MAX_KEPT_AWAY))
    for (let before = -1; before < kept.size; ) {
      before = kept.size
      // What is kept is taken, with which others may come out otherwise.
      const anew = createClientNames(items, kept)
      for (const [id, name] of present) if (anew.nameOf(id) !== name) kept.set(id, name)
    }
    return kept
  }
}
