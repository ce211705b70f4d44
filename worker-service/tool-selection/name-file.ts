import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { messageOf } from '../../shared/errors/message-of.ts'
import { writePrivateFile } from '../../shared/files/atomic-file.ts'
import { ensurePrivateFolder } from '../../shared/files/private-folder.ts'
import { isJsonObject } from '../../shared/json-object.ts'
import { parseJson } from '../../shared/parse-json.ts'

/** Where names are kept, and who is told when they cannot be. */
export interface NameFileOptions {
  /** The file; it and its folder are made when there is something to keep. */
  readonly path: string
  /** Whether this process keeps names, or only reads them. */
  readonly isOwner: boolean
  readonly warn: (message: string) => void
}

/**
 * Remembers names across processes, by the ids of what has them. A file that is missing or damaged is as if it were empty. Disposing
 * it waits until what is to be kept is kept.
 */
export class NameFile implements AsyncDisposable {
  readonly #options: NameFileOptions
  #text = ''
  #kept: Promise<void> = Promise.resolve()

  constructor(options: NameFileOptions) {
    this.#options = options
  }

  /** What was kept last. */
  read(): ReadonlyMap<string, string> {
    const names = parseJson(readIfThere(this.#options.path))
    if (!isJsonObject(names)) return new Map()
    const known = Object.entries(names).filter((entry): entry is [string, string] => typeof entry[1] === 'string')
    this.#text = JSON.stringify(Object.fromEntries(known))
    return new Map(known)
  }

  /** Keeps these names, where this process is to and they are others than before; `names` is only called then. */
  keep(names: () => ReadonlyMap<string, string>): void {
    if (!this.#options.isOwner) return
    const text = JSON.stringify(Object.fromEntries(names()))
    if (text === this.#text || (text === '{}' && this.#text === '')) return
    this.#text = text
    this.#kept = this.#kept.then(() => this.#write(text))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#kept
  }

  async #write(text: string): Promise<void> {
    const { path, warn } = this.#options
    try {
      ensurePrivateFolder(dirname(path))
      await writePrivateFile(path, text)
    } catch (thrown) {
      warn(`The names of tools are not kept: ${messageOf(thrown)}`)
    }
  }
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
