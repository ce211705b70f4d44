import { ServiceError } from '../../shared/errors/service-error.ts'
import type { ServerDefinition } from '../server-pool/server-definition.ts'
import type { AcceptedTools, AcceptedToolsFolder } from './accepted-tools.ts'
import { hasHiddenCharacters } from './hidden-characters.ts'
import type { RememberedListing, WithheldTool } from './server-listing.ts'
import type { ToolDefinition } from './tool-catalog.ts'
import { compareTools, type ToolChanges } from './tool-changes.ts'
import { digestOf } from './tool-digest.ts'
import { readEach } from './tool-list.ts'

/** What is to be known of a server's tools besides what they are. */
export interface ToolReport {
  /** Those that are neither shown nor found nor called. */
  readonly withheld: readonly WithheldTool[]
  /** How the list differs from the one that was accepted; undefined where it does not, or nobody minds. */
  readonly changes: ToolChanges | undefined
  /** The names of tools that say something in characters that cannot be seen. */
  readonly hidden: readonly string[]
}

/** What a server lists, as it was last looked at. */
interface Vetted {
  readonly definition: ServerDefinition
  readonly listing: RememberedListing
  readonly withheld: readonly WithheldTool[]
  readonly changes: ToolChanges | undefined
  /** Why tools that could be meant by their names must not be called. */
  readonly reasons: ReadonlyMap<string, string>
  hidden: readonly string[] | undefined
  /** Whether it is remembered of a server that was run in another way. */
  isDoubtful: boolean
}

const NOTHING: ToolReport = { withheld: [], changes: undefined, hidden: [] }

/**
 * Looks at what servers list before anybody else does: what can be offered, and what is not as it was accepted. The first list of a
 * server is accepted, where that is kept; what becomes of the others, its `onToolChange` says.
 */
export class VettedTools {
  readonly #folder: AcceptedToolsFolder
  /** Whether first lists are accepted here, and all lists compared; else only what must be withheld is looked for. */
  readonly #isKeeper: boolean
  readonly #byServer = new Map<string, Vetted>()
  readonly #accepted = new Map<ServerDefinition, AcceptedTools | undefined>()
  #definitions = new Map<string, ServerDefinition>()
  #kept: Promise<unknown> = Promise.resolve()

  constructor(folder: AcceptedToolsFolder, { isKeeper }: { isKeeper: boolean }) {
    this.#folder = folder
    this.#isKeeper = isKeeper
  }

  /** Has these servers from now on; nothing is known any more of others. */
  configure(definitions: readonly ServerDefinition[]): void {
    this.#definitions = new Map(definitions.map((definition) => [definition.name, definition]))
    for (const [name, { definition }] of this.#byServer) {
      if (this.#definitions.get(name) !== definition) this.#byServer.delete(name)
    }
    for (const known of this.#accepted.keys())
      if (this.#definitions.get(known.name) !== known) this.#accepted.delete(known)
  }

  /** Looks at a list. Returns what may be offered of it; `reportOf` has the rest. */
  vet(definition: ServerDefinition, listing: RememberedListing): RememberedListing {
    const changes = this.#changesOf(definition, listing.tools)
    const blocked = definition.onToolChange === 'block' ? blockedBy(definition, changes) : []
    const withheld = [...listing.withheld, ...blocked]
    const names = new Set(blocked.map(({ name }) => name))
    const tools = listing.tools.filter(({ name }) => !names.has(name))
    const offered = new Set(tools.map(({ name }) => name))
    const reasons = new Map(
      withheld.flatMap(({ name, reason }) => (offered.has(name) ? [] : [[name, reason] as const])),
    )
    const found = { definition, listing, withheld, changes, reasons }
    this.#byServer.set(definition.name, { ...found, hidden: undefined, isDoubtful: false })
    const fingerprint = [listing.fingerprint, ...names].join()
    return { ...listing, tools, fingerprint }
  }

  /** What is known of a server may not be what it lists now: it is run in another way. */
  doubt({ name }: ServerDefinition): void {
    const vetted = this.#byServer.get(name)
    if (vetted !== undefined) vetted.isDoubtful = true
  }

  /** Accepts what a server lists now; returns what may be offered of that: everything. Throws `server_unavailable` where it is not known. */
  async accept(server: string): Promise<{ definition: ServerDefinition; listing: RememberedListing }> {
    const definition = this.#definitions.get(server)
    const vetted = this.#byServer.get(server)
    if (definition === undefined || vetted === undefined || vetted.isDoubtful) {
      throw new ServiceError(
        'server_unavailable',
        `server "${server}": its tools are not known yet, so none can be accepted.`,
      )
    }
    await this.#keep(definition, digestsOf(vetted.listing.tools))
    return { definition, listing: this.vet(definition, vetted.listing) }
  }

  /** Resolves when what was accepted is on disk. */
  async kept(): Promise<void> {
    await this.#kept
  }

  reportOf(server: string): ToolReport {
    const vetted = this.#byServer.get(server)
    if (vetted === undefined) return NOTHING
    vetted.hidden ??= vetted.listing.tools.filter(hasHiddenCharacters).map(({ name }) => name)
    return { ...vetted, hidden: vetted.hidden }
  }

  /** Why a tool must not be called; undefined where it may. */
  whyWithheld(server: string, tool: string): string | undefined {
    return this.#byServer.get(server)?.reasons.get(tool)
  }

  /** Which of the tools on a page must neither be shown nor called: their places, each with why. Looks at the page itself, which may be newer than what is known. */
  withheldAmong(server: string, listed: readonly unknown[]): ReadonlyMap<number, string> {
    const definition = this.#definitions.get(server)
    const accepted = definition?.onToolChange === 'block' ? this.#acceptedOf(definition) : undefined
    const whyNot = (tool: ToolDefinition) => accepted && whyBlocked(server, accepted.get(tool.name), digestOf(tool))
    const reasons = readEach(listed).map((one) => ('tool' in one ? whyNot(one.tool) : one.withheld.reason))
    return new Map(reasons.flatMap((reason, place) => (reason === undefined ? [] : [[place, reason] as const])))
  }

  #changesOf(definition: ServerDefinition, tools: readonly ToolDefinition[]): ToolChanges | undefined {
    const { onToolChange } = definition
    if (onToolChange === 'off' || (onToolChange === 'warn' && !this.#isKeeper)) return undefined
    const accepted = this.#acceptedOf(definition)
    const listed = accepted === undefined && !this.#isKeeper ? undefined : digestsOf(tools)
    if (accepted !== undefined && listed !== undefined) return compareTools(accepted, listed)
    if (listed !== undefined) void this.#keep(definition, listed)
    return undefined
  }

  #acceptedOf(definition: ServerDefinition): AcceptedTools | undefined {
    if (!this.#accepted.has(definition)) this.#accepted.set(definition, this.#folder.read(definition))
    return this.#accepted.get(definition)
  }

  #keep(definition: ServerDefinition, tools: AcceptedTools): Promise<void> {
    this.#accepted.set(definition, tools)
    const written = this.#folder.write(definition, tools)
    this.#kept = Promise.all([this.#kept, written])
    return written
  }
}

function digestsOf(tools: readonly ToolDefinition[]): AcceptedTools {
  return new Map(tools.map((tool) => [tool.name, digestOf(tool)]))
}

function blockedBy({ name: server }: ServerDefinition, changes: ToolChanges | undefined): WithheldTool[] {
  const { changed = [], added = [] } = changes ?? {}
  return [
    ...changed.map((name) => ({ name, reason: hasChanged(server) })),
    ...added.map((name) => ({ name, reason: isNew(server) })),
  ]
}

function whyBlocked(server: string, accepted: string | undefined, listed: string): string | undefined {
  if (accepted === undefined) return isNew(server)
  return accepted === listed ? undefined : hasChanged(server)
}

function hasChanged(server: string): string {
  return `it has changed since it was accepted: ${remedyFor(server)}`
}

function isNew(server: string): string {
  return `it was not there when tools were accepted: ${remedyFor(server)}`
}

function remedyFor(server: string): string {
  return `look at it, then accept it with "pilot tools accept ${server}"`
}
