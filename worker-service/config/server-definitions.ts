import { SERVER_NAME } from '../../shared/contracts/server-name.ts'
import { isJsonObject } from '../../shared/json-object.ts'
import { DEFAULT_POOL_LIMITS, type PoolLimits, type ServerDefinition } from '../server-pool/server-definition.ts'
import { joinEntries } from './join-entries.ts'
import { resolveServer, type ServerSurroundings, type UnusableEntry, unusableEntry } from './resolve-server.ts'
import { type Finding, type Path, type Remark, readSection } from './section-reader.ts'
import { DOCUMENT, SERVER_ENTRY, type ServerEntry, type WrittenSettings } from './sections.ts'
import type { UnreadEntry } from './servers-reader.ts'
import { resolveServiceSettings, type ServiceSettings } from './service-settings.ts'

/** A configured server that cannot be used for now. Its name need not be one that a server can have. */
export interface UnusableServer {
  name: string
  /** Why, and what to do about it; where there is more to say than one thing, the first, and how many more there are. */
  reason: string
  /** Whether that is the fault of variables alone, which the environment of another process may have. */
  lacksVariables: boolean
  /** All that is wrong with it. */
  remarks: Remark[]
}

/** What is configured. All lists are in the order written. */
export interface ConfiguredServers {
  servers: ServerDefinition[]
  unusable: UnusableServer[]
  /** The names of servers that are switched off. */
  disabled: string[]
  limits: PoolLimits
  service: ServiceSettings
}

/** What is configured and what is odd about it, or everything that is wrong with it. */
export type ReadServers =
  | ({ kind: 'servers'; warnings: Remark[] } & ConfiguredServers)
  | { kind: 'mistakes'; mistakes: Remark[]; warnings: Remark[] }

const SECONDS_PER_MINUTE = 60

/** What there is to say of servers that cannot be used: mistakes in the file, and variables that may be set elsewhere. */
export function remarksOf(unusable: readonly UnusableServer[]): { mistakes: Remark[]; warnings: Remark[] } {
  return {
    mistakes: unusable.flatMap(({ lacksVariables, remarks }) => (lacksVariables ? [] : remarks)),
    warnings: unusable.flatMap(({ lacksVariables, remarks }) => (lacksVariables ? remarks : [])),
  }
}

/** Reads a configuration: `mcpServers` (or `servers`), the `pool` section with defaults for all of them, and `service`. */
export function readServerDefinitions(document: unknown, surroundings: ServerSurroundings): ReadServers {
  if (!isJsonObject(document)) {
    return {
      kind: 'mistakes',
      mistakes: [{ path: [], text: 'it must be an object: {"mcpServers": {…}}' }],
      warnings: [],
    }
  }
  return new DocumentReader(document, surroundings).read()
}

class DocumentReader {
  readonly #document: Record<string, unknown>
  readonly #surroundings: ServerSurroundings
  readonly #servers: ServerDefinition[] = []
  readonly #unusable: UnusableServer[] = []
  readonly #disabled: string[] = []
  readonly #mistakes: Remark[] = []
  readonly #warnings: Remark[] = []

  constructor(document: Record<string, unknown>, surroundings: ServerSurroundings) {
    this.#document = document
    this.#surroundings = surroundings
  }

  read(): ReadServers {
    const { value, mistakes, warnings } = readSection(DOCUMENT, this.#document)
    this.#mistakes.push(...toRemarks(mistakes))
    this.#warnings.push(...toRemarks(warnings))
    const { pool = {}, service = {}, mcpServers, servers } = value
    const { maxSize, enabled, apps, ...byDefault } = pool
    const { proxies, ...written } = service
    for (const entry of joinEntries({ mcpServers, servers, proxies, apps }, this.#document))
      this.#readServer(entry, byDefault)
    if (this.#mistakes.length > 0) return this.#notUsable()
    return {
      kind: 'servers',
      servers: this.#servers,
      unusable: this.#unusable,
      disabled: this.#disabled,
      limits: { maxSize: maxSize ?? DEFAULT_POOL_LIMITS.maxSize },
      service: resolveServiceSettings(written, { isPoolEnabled: enabled }),
      warnings: this.#warnings,
    }
  }

  #notUsable(): ReadServers {
    const { mistakes, warnings } = remarksOf(this.#unusable)
    return {
      kind: 'mistakes',
      mistakes: [...this.#mistakes, ...mistakes],
      warnings: [...this.#warnings, ...warnings],
    }
  }

  // What is wrong with one server is the trouble of that server alone.
  #readServer({ name, value, path, problem }: UnreadEntry, byDefault: WrittenSettings): void {
    const { value: entry, mistakes, warnings } = readSection(SERVER_ENTRY, value)
    // An entry that is switched off may be half-written.
    if (isSwitchedOff(entry) ?? byDefault.disabled) {
      this.#disabled.push(name)
      return
    }
    const place = { about: `server ${JSON.stringify(name)}`, path }
    this.#warnings.push(...at(place, toRemarks(warnings)))
    const wrong = [...wrongName(name, problem), ...toRemarks(mistakes)]
    const resolved =
      wrong.length > 0 ? unusableEntry(wrong) : resolveServer(name, withDefaults(entry, byDefault), this.#surroundings)
    if (resolved.kind === 'server') this.#servers.push(resolved.definition)
    else this.#unusable.push(toUnusable(name, resolved, place))
  }
}

/** Where a server stands, and how it is called in a sentence. */
interface Place {
  about: string
  path: Path
}

function toUnusable(name: string, { lacksVariables, wrong }: UnusableEntry, place: Place): UnusableServer {
  const [first, ...more] = wrong.map(({ text }) => text)
  const reason = more.length === 0 ? `${first}` : `${first} (and ${more.length} more; see "pilot config check")`
  return { name, reason, lacksVariables, remarks: at(place, wrong) }
}

// One of a list that has no name is called by its number.
function wrongName(name: string, problem = whyNoName(name)): Remark[] {
  return SERVER_NAME.test(name) ? [] : [{ path: [], text: problem }]
}

function whyNoName(name: string): string {
  const isFolder = name === '.' || name === '..'
  if (isFolder) return 'in a path that means a folder, so no server can have it for a name; rename it'
  return 'a name has 1 to 40 letters, digits, "_", "-" or "."; rename it'
}

function isSwitchedOff({ disabled, enabled }: { disabled?: unknown; enabled?: unknown }): boolean | undefined {
  if (typeof disabled === 'boolean') return disabled
  return typeof enabled === 'boolean' ? !enabled : undefined
}

function toRemarks(findings: readonly Finding[]): Remark[] {
  return findings.map(({ path, what }) => ({ path, text: `${path.length > 0 ? `"${path.join('.')}"` : 'it'} ${what}` }))
}

function at(place: Place, found: readonly Remark[]): Remark[] {
  return found.map(({ path, text }) => ({ path: [...place.path, ...path], text: `${place.about}: ${text}` }))
}

// What an entry leaves out, its restart settings included, is as it is for all.
function withDefaults(entry: ServerEntry, byDefault: WrittenSettings): ServerEntry {
  const common = inMinutes(byDefault)
  return { ...common, ...inMinutes(entry), restart: { ...common.restart, ...entry.restart } }
}

// Told in seconds, it must still win over what is told in minutes for all.
function inMinutes<Settings extends WrittenSettings>({ idleTimeout, ...settings }: Settings) {
  if (idleTimeout === undefined || settings.keepAliveMinutes !== undefined) return settings
  return { ...settings, keepAliveMinutes: idleTimeout / SECONDS_PER_MINUTE }
}
