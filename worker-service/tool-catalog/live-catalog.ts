import { unlessAborted } from '../../shared/deadline.ts'
import { fingerprint } from '../../shared/fingerprint.ts'
import type { ServerDefinition } from '../server-pool/server-definition.ts'
import { createToolFilter } from '../server-pool/tool-globs.ts'
import type { RememberedListing } from './server-listing.ts'
import type { ListedServer, ToolCatalog } from './tool-catalog.ts'

type Entry =
  | { kind: 'unknown' }
  | { kind: 'listed'; server: ListedServer; fingerprint: string }
  | { kind: 'skipped'; reason: string }

const UNKNOWN: Entry = { kind: 'unknown' }

/** The catalogue while it fills: each configured server is unknown until it is listed or skipped. A listing is kept until a newer one. */
export class LiveCatalog implements ToolCatalog {
  #revision = 0
  #entries = new Map<string, Entry>()
  #settled = Promise.withResolvers<void>()

  /** `names` are all configured servers, in the order configured. */
  constructor(names: readonly string[] = []) {
    for (const name of names) this.#entries.set(name, UNKNOWN)
  }

  get revision(): number {
    return this.#revision
  }

  get isSettled(): boolean {
    return this.#entries.values().every(({ kind }) => kind !== 'unknown')
  }

  get fingerprint(): string {
    const listed = this.#entries.values().map((entry) => (entry.kind === 'listed' ? entry.fingerprint : ''))
    return fingerprint([...listed].join())
  }

  servers(): readonly ListedServer[] {
    return [...this.#entries.values()].flatMap((entry) => (entry.kind === 'listed' ? [entry.server] : []))
  }

  skipped(): ReadonlyMap<string, string> {
    const skipped = [...this.#entries].flatMap(([name, entry]) =>
      entry.kind === 'skipped' ? [[name, entry.reason] as const] : [],
    )
    return new Map(skipped)
  }

  pending(): readonly string[] {
    return [...this.#entries].flatMap(([name, { kind }]) => (kind === 'unknown' ? [name] : []))
  }

  async settled(signal: AbortSignal): Promise<void> {
    await unlessAborted(this.isSettled ? Promise.resolve() : this.#settled.promise, signal)
  }

  /** Takes a server's listing, but for the tools its definition leaves out. The revision grows when something changed. */
  accept(definition: ServerDefinition, listing: Omit<RememberedListing, 'withheld'>): ListedServer {
    const { name, includeTools, excludeTools } = definition
    const offered = fingerprint(JSON.stringify([name, listing.fingerprint, includeTools, excludeTools]))
    const before = this.#entries.get(name)
    if (before?.kind === 'listed' && before.fingerprint === offered) return before.server
    const isOffered = createToolFilter(definition)
    const { title, description } = listing
    const server = { name, title, description, tools: listing.tools.filter((tool) => isOffered(tool.name)) }
    this.#set(name, { kind: 'listed', server, fingerprint: offered })
    return server
  }

  /** Notes why a server could not be listed. Tools that are known of it stay. */
  skip(name: string, reason: string): void {
    if (this.#entries.get(name)?.kind !== 'listed') this.#set(name, { kind: 'skipped', reason })
  }

  /** Has these servers from now on, in the order configured; what is known of them stays, but for the `changed` ones. */
  configure(names: readonly string[], changed: ReadonlySet<string>): void {
    const before = this.#entries
    const entryOf = (name: string) => (changed.has(name) ? undefined : before.get(name)) ?? UNKNOWN
    if (this.isSettled) this.#settled = Promise.withResolvers()
    this.#entries = new Map(names.map((name) => [name, entryOf(name)]))
    this.#revision++
    this.#settleWhenKnown()
  }

  #set(name: string, entry: Entry): void {
    // The answer of a server that is no longer configured.
    if (!this.#entries.has(name)) return
    this.#entries.set(name, entry)
    this.#revision++
    this.#settleWhenKnown()
  }

  #settleWhenKnown(): void {
    if (this.isSettled) this.#settled.resolve()
  }
}
