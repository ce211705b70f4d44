import { readdirSync, readFileSync, statSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '../../shared/errors/message-of.ts'
import { systemCodeOf } from '../../shared/errors/system-code.ts'
import { writePrivateFile } from '../../shared/files/atomic-file.ts'
import { ensurePrivateFolder } from '../../shared/files/private-folder.ts'
import { isJsonObject } from '../../shared/json-object.ts'
import type { ServerDefinition } from '../server-pool/server-definition.ts'
import type { HeldState } from '../server-pool/sharing.ts'
import { launchKeyOf } from './launch-key.ts'
import { decodeAnswers, encodeAnswers, type ServerAnswers } from './server-answers.ts'
import type { RememberedListing, WithheldTool } from './server-listing.ts'
import type { ToolDefinition } from './tool-catalog.ts'

/** What was remembered of a server: its listing, or why it could not be listed, and when that was (milliseconds since 1970). */
export type RememberedServer =
  | { kind: 'listing'; listing: RememberedListing; at: number }
  | { kind: 'failure'; reason: string; at: number }

/** What nobody has used for so long goes: the server was changed or is gone, or it is of a configuration that nobody uses. */
const KEPT_UNUSED_MS = 90 * 24 * 3_600_000

/** A file of ours: the server's name, its fingerprint, and where the writer of it was killed, the draft it had begun. */
const OWN_FILE = /^[A-Za-z0-9_.-]{1,40}-[0-9a-f]{16}\.(json|answers|held)(\.[0-9a-z]+\.tmp)?$/

/** Grows when files of older versions cannot be read any more. */
const FORMAT = 3

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
    return this.#read(this.#pathOf(definition), (file) => parse(file.toString('utf8')))
  }

  async write(definition: ServerDefinition, remembered: RememberedServer): Promise<void> {
    await this.#write(this.#pathOf(definition), JSON.stringify({ format: FORMAT, ...remembered }))
  }

  readAnswers(definition: ServerDefinition): ServerAnswers | undefined {
    return this.#read(this.#answersPathOf(definition), decodeAnswers)
  }

  async writeAnswers(definition: ServerDefinition, answers: ServerAnswers): Promise<void> {
    await this.#write(this.#answersPathOf(definition), encodeAnswers(answers))
  }

  /** What {@link noteHolding} was told of a server that is run in this way. */
  seenToHold(definition: ServerDefinition): HeldState | undefined {
    return this.#read(this.#heldPathOf(definition), (file) => (file.toString() === 'roots' ? 'roots' : 'client'))
  }

  /** The server holds what is not for every client. */
  noteHolding(definition: ServerDefinition, held: HeldState): void {
    if (!this.#isUsable) return
    try {
      // At once: it is asked for with the next client. A part of it would say the safer of the two.
      writeFileSync(this.#heldPathOf(definition), held, { mode: 0o600 })
    } catch (thrown) {
      this.#warnNotKept(thrown)
    }
  }

  /**
   * Removes what belongs to none of these servers and was not used for 90 days. What belongs to one counts as used at this time
   * (milliseconds since 1970). Several processes may do so at once, each for servers of its own.
   */
  prune(definitions: readonly ServerDefinition[], now: number): void {
    if (!this.#isUsable) return
    const pathsOf = (one: ServerDefinition) => [this.#pathOf(one), this.#answersPathOf(one), this.#heldPathOf(one)]
    const used = new Set(definitions.flatMap(pathsOf))
    for (const path of this.#ownFiles()) this.#pruneFile(path, { isUsed: used.has(path), now })
  }

  #ownFiles(): string[] {
    try {
      const names = readdirSync(this.#folder).filter((name) => OWN_FILE.test(name))
      return names.map((name) => join(this.#folder, name))
    } catch (thrown) {
      this.#warnNotKept(thrown)
      return []
    }
  }

  #pruneFile(path: string, { isUsed, now }: { isUsed: boolean; now: number }): void {
    try {
      if (isUsed) utimesSync(path, now / 1_000, now / 1_000)
      // Should another process write it anew in between, its server is listed once more, and that is all.
      else if (now - statSync(path).mtimeMs > KEPT_UNUSED_MS) unlinkSync(path)
    } catch (thrown) {
      // Gone is gone, whoever removed it.
      if (systemCodeOf(thrown) !== 'ENOENT') this.#warn(`${path} is left as it is: ${String(thrown)}`)
    }
  }

  #pathOf(definition: ServerDefinition): string {
    return join(this.#folder, `${launchKeyOf(definition)}.json`)
  }

  // Apart from what one-shots read, who would read twice as much for nothing.
  #answersPathOf(definition: ServerDefinition): string {
    return join(this.#folder, `${launchKeyOf(definition)}.answers`)
  }

  #heldPathOf(definition: ServerDefinition): string {
    return join(this.#folder, `${launchKeyOf(definition)}.held`)
  }

  #read<Content>(path: string, decode: (file: Buffer) => Content): Content | undefined {
    if (!this.#isUsable) return undefined
    try {
      return decode(readFileSync(path))
    } catch (thrown) {
      if (systemCodeOf(thrown) !== 'ENOENT') this.#warn(`${path} cannot be read and is passed over: ${String(thrown)}`)
      return undefined
    }
  }

  async #write(path: string, content: string | Buffer): Promise<void> {
    if (!this.#isUsable) return
    try {
      await writePrivateFile(path, content)
    } catch (thrown) {
      this.#warnNotKept(thrown)
    }
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
    this.#warn(`What is known of servers is not kept: ${messageOf(thrown)}`)
  }
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

function toListing({ title, description, tools, withheld, fingerprint }: Record<string, unknown>): RememberedListing {
  if (typeof fingerprint !== 'string' || !isListOf(tools, isTool) || !isListOf(withheld, isWithheldTool)) {
    throw new Error('it is damaged')
  }
  return { title: textOf(title), description: textOf(description), tools, withheld, fingerprint }
}

function isListOf<Item>(value: unknown, isItem: (item: unknown) => item is Item): value is Item[] {
  return Array.isArray(value) && value.every(isItem)
}

function isWithheldTool(value: unknown): value is WithheldTool {
  return isJsonObject(value) && typeof value.name === 'string' && typeof value.reason === 'string'
}

function isTool(value: unknown): value is ToolDefinition {
  return isJsonObject(value) && typeof value.name === 'string' && isJsonObject(value.inputSchema)
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
