import type { ToolCatalog } from '../tool-catalog/tool-catalog.ts'
import type { ClientNames } from './client-names.ts'
import { GivenNames } from './given-names.ts'

/** The client names of a catalogue's tools, the same for all who ask while the worker runs. */
export class ToolNames {
  readonly #given = new GivenNames()
  #current: { readonly revision: number; readonly names: ClientNames } | undefined

  /** The names of what the catalogue holds now. */
  of(catalog: Pick<ToolCatalog, 'revision' | 'servers'>): ClientNames {
    const { revision } = catalog
    if (this.#current?.revision === revision) return this.#current.names
    const tools = catalog.servers().flatMap(({ name: server, tools: listed }) => {
      return listed.map(({ name }) => ({ server, name }))
    })
    this.#current = { revision, names: this.#given.give(tools) }
    return this.#current.names
  }
}
