import { SERVER_NAME } from '../../shared/contracts/server-name.ts'
import { isJsonObject } from '../../shared/json-object.ts'
import { DEFAULT_POOL_LIMITS, type PoolLimits, type ServerDefinition } from '../server-pool/server-definition.ts'
import { joinEntries } from './join-entries.ts'
import { resolveServer, type ServerSurroundings } from './resolve-server.ts'
import { type Finding, type Path, readSection } from './section-reader.ts'
import { DOCUMENT, SERVER_ENTRY, type ServerEntry, type WrittenSettings } from './sections.ts'
import type { UnreadEntry } from './servers-reader.ts'
import { resolveServiceSettings, type ServiceSettings } from './service-settings.ts'

/** A configured server that cannot be used for now, and what to do about it. */
export interface UnusableServer {
  name: string
  reason: string
  /** Whether that is the fault of variables alone, which the environment of another process may have. */
  lacksVariables: boolean
  /** Where it stands. */
  path: Path
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

/** A sentence about a place of a configuration, which names the place, and the way to it. */
export interface Remark {
  path: Path
  text: string
}

/** What is configured and what is odd about it, or everything that is wrong with it. */
export type ReadServers =
  | ({ kind: 'servers'; warnings: Remark[] } & ConfiguredServers)
  | { kind: 'mistakes'; mistakes: Remark[]; warnings: Remark[] }

const SECONDS_PER_MINUTE = 60

/** What there is to say of servers that cannot be used: mistakes in the file, and variables that may be set elsewhere. */
export function remarksOf(unusable: readonly UnusableServer[]): { mistakes: Remark[]; warnings: Remark[] } {
  const toRemark = ({ name, reason, path }: UnusableServer) => ({ path, text: `server "${name}": ${reason}` })
  return {
    mistakes: unusable.filter(({ lacksVariables }) => !lacksVariables).map(toRemark),
    warnings: unusable.filter(({ lacksVariables }) => lacksVariables).map(toRemark),
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
    this.#mistakes.push(...remarks(mistakes))
    this.#warnings.push(...remarks(warnings))
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

  #readServer({ name, value, path }: UnreadEntry, byDefault: WrittenSettings): void {
    // An entry that is switched off may be half-written.
    if (isJsonObject(value) && isSwitchedOff(value)) return this.#switchedOff(name)
    const place = `server ${JSON.stringify(name)}`
    const note = (what: string) => this.#mistakes.push({ path, text: `${place}: ${what}` })
    if (!SERVER_NAME.test(name)) note('a name has 1 to 40 letters, digits, "_", "-" or "."; rename it')
    const { value: entry, mistakes, warnings } = readSection(SERVER_ENTRY, value)
    this.#mistakes.push(...remarks(mistakes, { place, path }))
    this.#warnings.push(...remarks(warnings, { place, path }))
    if (mistakes.length > 0) return
    if (isSwitchedOff(entry) ?? byDefault.disabled) return this.#switchedOff(name)
    const resolved = resolveServer(name, withDefaults(entry, byDefault), this.#surroundings)
    if (resolved.kind === 'server') this.#servers.push(resolved.definition)
    else if (resolved.kind === 'unusable')
      this.#unusable.push({ name, path, reason: resolved.reason, lacksVariables: resolved.lacksVariables })
    else note(resolved.mistake)
  }

  #switchedOff(name: string): void {
    if (SERVER_NAME.test(name)) this.#disabled.push(name)
  }
}

function isSwitchedOff({ disabled, enabled }: { disabled?: unknown; enabled?: unknown }): boolean | undefined {
  if (typeof disabled === 'boolean') return disabled
  return typeof enabled === 'boolean' ? !enabled : undefined
}

/** Findings as sentences: what they are about in front, and the way to it before theirs. */
function remarks(findings: readonly Finding[], about?: { place: string; path: Path }): Remark[] {
  return findings.map(({ path, what }) => {
    const sentence = `${path.length > 0 ? `"${path.join('.')}"` : 'it'} ${what}`
    return {
      path: [...(about?.path ?? []), ...path],
      text: about === undefined ? sentence : `${about.place}: ${sentence}`,
    }
  })
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
