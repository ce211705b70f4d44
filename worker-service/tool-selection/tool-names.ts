import type { ToolCatalog } from '../tool-catalog/tool-catalog.ts'
import { type ClientNames, createClientNames } from './client-names.ts'

// More than a catalogue has tools, so that those that come and go are remembered; bounded, as servers choose the names.
const MAX_REMEMBERED = 50_000

/** The client names of a catalogue's tools while it changes: a name once given stays with its tool, also while that is away. */
export class ToolNames {
  /** Names by tool ids, longest away first. */
  readonly #given = new Map<string, string>()
  readonly #maxRemembered: number
  #revision: number | undefined
  #names = createClientNames([])

  constructor(maxRemembered = MAX_REMEMBERED) {
    this.#maxRemembered = maxRemembered
  }

  /** The names of what the catalogue holds now. */
  of(catalog: Pick<ToolCatalog, 'revision' | 'servers'>): ClientNames {
    if (this.#revision === catalog.revision) return this.#names
    this.#revision = catalog.revision
    const tools = catalog
      .servers()
      .flatMap(({ name, tools: listed }) => listed.map((tool) => [name, tool.name] as const))
    this.#names = createClientNames(
      tools.map(([server, tool]) => ({ server, tool })),
      this.#given,
    )
    this.#remember(tools.map(([server, tool]) => `${server}/${tool}`))
    return this.#names
  }

  #remember(toolIds: readonly string[]): void {
    for (const id of toolIds) {
      const name = this.#names.nameOf(id)
      if (name === undefined) continue
      this.#given.delete(id)
      this.#given.set(id, name)
    }
    const excess = Math.max(0, this.#given.size - this.#maxRemembered)
    for (const id of [...this.#given.keys()].slice(0, excess)) this.#given.delete(id)
  }
}
