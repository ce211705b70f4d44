import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fingerprint } from '../../shared/fingerprint.ts'
import { isJsonObject } from '../../shared/json-object.ts'
import { writePrivateFile } from '../files/atomic-file.ts'
import { ensurePrivateFolder } from '../files/private-folder.ts'
import type { ServerDefinition } from '../server-pool/server-definition.ts'
import type { RememberedListing } from './server-listing.ts'
import type { ToolDefinition } from './tool-catalog.ts'

/** What was remembered of a server: its listing, or why it could not be listed, and when that was (milliseconds since 1970). */
export type RememberedServer =
  | { kind: 'listing'; listing: RememberedListing; at: number }
  | { kind: 'failure'; reason: string; at: number }

/** Grows when files of older versions cannot be read any more. */
const FORMAT = 2

/**
 * What is known of servers, kept in files: one for each way a server is run, so that a redefined one is unknown. Never throws: what
 * cannot be read is as if it were not there, what cannot be written is not kept, and `warn` is told.
 */
export class CatalogSnapshot {
  readonly #folder: string
  readonly #warn: (message: string) => void
  readonly #isUsable: boolean

  constructor(folder: string, warn: (message: string) => void) {
    this.#folder = folder
    this.#warn = warn
    this.#isUsable = this.#makeFolder()
  }

  read(definition: ServerDefinition): RememberedServer | undefined {
    if (!this.#isUsable) return undefined
    const path = this.#pathOf(definition)
    try {
      return parse(readFileSync(path, 'utf8'))
    } catch (thrown) {
      const isAbsent = thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT'
      if (!isAbsent) this.#warn(`${path} cannot be read and is passed over: ${String(thrown)}`)
      return undefined
    }
  }

  async write(definition: ServerDefinition, remembered: RememberedServer): Promise<void> {
    if (!this.#isUsable) return
    const text = JSON.stringify({ format: FORMAT, ...remembered })
    try {
      await writePrivateFile(this.#pathOf(definition), text)
    } catch (thrown) {
      this.#warnNotKept(thrown)
    }
  }

  #pathOf(definition: ServerDefinition): string {
    return join(this.#folder, `${definition.name}-${fingerprintOf(definition)}.json`)
  }

  #makeFolder(): boolean {
    try {
      ensurePrivateFolder(this.#folder)
      return true
    } catch (thrown) {
      this.#warnNotKept(thrown)
      return false
    }
  }

  #warnNotKept(thrown: unknown): void {
    this.#warn(`What servers offer is not kept: ${thrown instanceof Error ? thrown.message : String(thrown)}`)
  }
}

// Values of variables and headers are left out: they are secrets, and a new one makes no new server.
function fingerprintOf(definition: ServerDefinition): string {
  const identity =
    definition.transport === 'stdio'
      ? [definition.command, definition.args, definition.cwd, Object.keys(definition.env).toSorted()]
      : [definition.transport, definition.url, Object.keys(definition.headers).toSorted()]
  return fingerprint(JSON.stringify(identity))
}

// The members of a tool were checked before it was written, in a folder that is ours alone; what is looked at here is whether the file is whole.
function parse(text: string): RememberedServer {
  const value: unknown = JSON.parse(text)
  if (!isJsonObject(value) || value.format !== FORMAT) throw new Error('it is of another version')
  const { kind, listing, reason, at } = value
  if (typeof at !== 'number') throw new Error('it is damaged')
  if (kind === 'failure' && typeof reason === 'string') return { kind, reason, at }
  if (kind === 'listing' && isJsonObject(listing)) return { kind, listing: toListing(listing), at }
  throw new Error('it is damaged')
}

function toListing({ title, description, tools, fingerprint: name }: Record<string, unknown>): RememberedListing {
  if (typeof name !== 'string' || !Array.isArray(tools) || !tools.every(isTool)) throw new Error('it is damaged')
  return { title: textOf(title), description: textOf(description), tools, fingerprint: name }
}

function isTool(value: unknown): value is ToolDefinition {
  return isJsonObject(value) && typeof value.name === 'string' && isJsonObject(value.inputSchema)
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
