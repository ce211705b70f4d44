import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { messageOf } from '../../shared/errors/message-of.ts'
import { writePrivateFile } from '../../shared/files/atomic-file.ts'
import { ensurePrivateFolder } from '../../shared/files/private-folder.ts'
import type { ToolCatalog } from '../tool-catalog/tool-catalog.ts'
import { fromIndexBytes, toIndexBytes } from './index/index-bytes.ts'
import { buildIndexParts, type IndexParts, type ToolIndex, toToolIndex } from './index/tool-index.ts'

/** Where an index is kept, and who is told when it cannot be. */
interface KeptIndexOptions {
  /** The file; it and its folder are made when there is something to keep. */
  path: string
  warn: (message: string) => void
}

/**
 * Indexes a catalogue, and keeps the index in a file: the next process, or a one-shot, has it at once. A file that is missing, damaged or
 * of something else is as if it were not there. Of a catalogue that changed, only the servers that did are read again. Disposing it waits
 * until what is to be kept is kept.
 */
export class KeptIndex implements AsyncDisposable {
  readonly #path: string
  readonly #warn: (message: string) => void
  #kept: Promise<void> = Promise.resolve()
  #last: ToolIndex | undefined

  constructor({ path, warn }: KeptIndexOptions) {
    this.#path = path
    this.#warn = warn
  }

  /** The index of what a catalogue holds now. */
  of(catalog: ToolCatalog): ToolIndex {
    const { fingerprint: key } = catalog
    const parts = (this.#last === undefined ? this.#read(key) : undefined) ?? this.#build(catalog, key)
    this.#last = toToolIndex(parts, catalog.servers())
    return this.#last
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#kept
  }

  #read(key: string): IndexParts | undefined {
    try {
      ensurePrivateFolder(dirname(this.#path))
      const kept = fromIndexBytes(readFileSync(this.#path))
      return kept.key === key ? kept.parts : undefined
    } catch {
      return undefined
    }
  }

  #build(catalog: ToolCatalog, key: string): IndexParts {
    const parts = buildIndexParts(catalog.servers(), this.#last)
    this.#kept = this.#kept.then(() => this.#keep(toIndexBytes(parts, key)))
    return parts
  }

  async #keep(bytes: Uint8Array): Promise<void> {
    try {
      ensurePrivateFolder(dirname(this.#path))
      await writePrivateFile(this.#path, bytes)
    } catch (thrown) {
      this.#warn(`The index of tools is not kept: ${messageOf(thrown)}`)
    }
  }
}
