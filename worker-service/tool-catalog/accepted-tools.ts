import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemCodeOf } from '../../shared/errors/system-code.ts'
import { writePrivateFile } from '../../shared/files/atomic-file.ts'
import { ensurePrivateFolder } from '../../shared/files/private-folder.ts'
import { isJsonObject } from '../../shared/json-object.ts'
import type { ServerDefinition } from '../server-pool/server-definition.ts'
import { launchKeyOf } from './launch-key.ts'

/** The tools of a list that was accepted: their digests by name. */
export type AcceptedTools = ReadonlyMap<string, string>

const FORMAT = 1
const NOTHING: AcceptedTools = new Map()

/** Which tools of each server were accepted, in files. Never throws; `warn` is told what cannot be read or kept. */
export class AcceptedToolsFolder {
  readonly #folder: string
  readonly #warn: (message: string) => void

  constructor(folder: string, warn: (message: string) => void) {
    this.#folder = folder
    this.#warn = warn
  }

  /** Undefined where nothing was accepted yet; none where that cannot be read, since anybody may have broken it. */
  read(definition: ServerDefinition): AcceptedTools | undefined {
    const path = this.#pathOf(definition)
    try {
      return parse(readFileSync(path, 'utf8'))
    } catch (thrown) {
      if (systemCodeOf(thrown) === 'ENOENT') return undefined
      this.#warn(`${path} cannot be read, so no tool of ${definition.name} counts as accepted: ${String(thrown)}`)
      return NOTHING
    }
  }

  /** Keeps it, or says that it could not. */
  async write(definition: ServerDefinition, tools: AcceptedTools): Promise<void> {
    const text = JSON.stringify({ format: FORMAT, tools: Object.fromEntries(tools) })
    try {
      ensurePrivateFolder(this.#folder)
      await writePrivateFile(this.#pathOf(definition), text, { durable: true })
    } catch (thrown) {
      this.#warn(`Which tools of ${definition.name} were accepted is not kept: ${String(thrown)}`)
    }
  }

  #pathOf(definition: ServerDefinition): string {
    return join(this.#folder, `${launchKeyOf(definition)}.json`)
  }
}

function parse(text: string): AcceptedTools {
  const value: unknown = JSON.parse(text)
  if (!isJsonObject(value) || value.format !== FORMAT || !isJsonObject(value.tools)) throw new Error('it is damaged')
  const tools = Object.entries(value.tools)
  if (!tools.every((tool): tool is [string, string] => typeof tool[1] === 'string')) throw new Error('it is damaged')
  return new Map(tools)
}
