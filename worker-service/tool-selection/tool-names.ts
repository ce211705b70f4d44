import type { ToolCatalog } from '../tool-catalog/tool-catalog.ts'
import type { ClientNames } from './client-names.ts'
import { GivenNames } from './given-names.ts'
import type { NameFile } from './name-file.ts'

/** The client names of a catalogue's tools: the same for all who ask, and where they are kept in a file for those after them. */
export class ToolNames {
  readonly #file: Pick<NameFile, 'read' | 'keep'> | undefined
  #given: GivenNames | undefined
  #current: { readonly revision: number; readonly names: ClientNames } | undefined

  constructor(file?: Pick<NameFile, 'read' | 'keep'>) {
    this.#file = file
  }

  /** The names of what the catalogue holds now. */
  of(catalog: Pick<ToolCatalog, 'revision' | 'servers'>): ClientNames {
    const { revision } = catalog
    if (this.#current?.revision === revision) return this.#current.names
    const tools = catalog.servers().flatMap(({ name: server, tools: listed }) => {
      return listed.map(({ name }) => ({ server, name }))
    })
    this.#given ??= new GivenNames(this.#file?.read())
    const given = this.#given
    this.#current = { revision, names: given.give(tools) }
    this.#file?.keep(() => given.toKeep(tools))
    return this.#current.names
  }
}
