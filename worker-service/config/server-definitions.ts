import { SERVER_NAME } from '../../shared/contracts/server-name.ts'
import { isJsonObject } from '../../shared/json-object.ts'
import { DEFAULT_POOL_LIMITS, type PoolLimits, type ServerDefinition } from '../server-pool/server-definition.ts'
import { parseJsonc } from './parse-jsonc.ts'
import { resolveServer, type ServerSurroundings } from './resolve-server.ts'
import { type Findings, type Readers, readSection, type Section } from './section-reader.ts'
import { POOL_SECTION, SERVER_ENTRY, SERVICE_SECTION, type ServerEntry, type WrittenSettings } from './server-entry.ts'
import { resolveServiceSettings, type ServiceSettings } from './service-settings.ts'

/** A configured server that cannot be used for now, and what to do about it. */
interface UnusableServer {
  name: string
  reason: string
}

/** What is configured. All lists are in the order written. */
export interface ConfiguredServers {
  servers: ServerDefinition[]
  unusable: UnusableServer[]
  /** The names of servers that are switched off. */
  disabled: string[]
  limits: PoolLimits
  service: ServiceSettings
  /** What is odd and was passed over, a sentence each. */
  warnings: string[]
}

/** What is configured, or everything that is wrong with it. */
export type ParsedServers = ({ kind: 'servers' } & ConfiguredServers) | { kind: 'mistakes'; mistakes: string[] }

const SECONDS_PER_MINUTE = 60

/** Reads the text of an `mcp.json`: `mcpServers` (or `servers`), the `pool` section with defaults for all of them, and `service`. */
export function parseServerDefinitions(text: string, surroundings: ServerSurroundings): ParsedServers {
  const parsed = parseJsonc(text)
  if (parsed.kind === 'mistakes') return parsed
  if (!isJsonObject(parsed.value)) return { kind: 'mistakes', mistakes: ['it must be an object: {"mcpServers": {…}}'] }
  const reader = new DocumentReader(parsed.value, surroundings)
  return reader.read()
}

class DocumentReader {
  readonly #document: Record<string, unknown>
  readonly #surroundings: ServerSurroundings
  readonly #servers: ServerDefinition[] = []
  readonly #unusable: UnusableServer[] = []
  readonly #disabled: string[] = []
  readonly #findings: Findings = { mistakes: [], warnings: [] }

  constructor(document: Record<string, unknown>, surroundings: ServerSurroundings) {
    this.#document = document
    this.#surroundings = surroundings
  }

  read(): ParsedServers {
    const { maxSize, ...byDefault } = this.#section('pool', POOL_SECTION)
    const service = resolveServiceSettings(this.#section('service', SERVICE_SECTION))
    for (const [name, entry] of Object.entries(this.#entries())) this.#readServer(name, entry, byDefault)
    const { mistakes, warnings } = this.#findings
    if (mistakes.length > 0) return { kind: 'mistakes', mistakes }
    return {
      kind: 'servers',
      servers: this.#servers,
      unusable: this.#unusable,
      disabled: this.#disabled,
      limits: { maxSize: maxSize ?? DEFAULT_POOL_LIMITS.maxSize },
      service,
      warnings,
    }
  }

  #section<R extends Readers>(name: string, readers: R): Section<R> {
    return readSection(readers, { value: this.#document[name] ?? {}, place: name }, this.#findings) ?? {}
  }

  #entries(): Record<string, unknown> {
    const { mcpServers, mcp_servers, servers } = this.#document
    const entries = mcpServers ?? mcp_servers ?? servers ?? {}
    if (isJsonObject(entries)) return entries
    this.#findings.mistakes.push('"mcpServers" must be an object of servers by their names')
    return {}
  }

  #readServer(name: string, value: unknown, byDefault: WrittenSettings): void {
    // An entry that is switched off may be half-written.
    if (isJsonObject(value) && value.disabled === true) return this.#switchedOff(name)
    const place = `server ${JSON.stringify(name)}`
    if (!SERVER_NAME.test(name)) {
      this.#findings.mistakes.push(`${place}: a name has 1 to 40 letters, digits, "_", "-" or "."; rename it`)
    }
    const entry = readSection(SERVER_ENTRY, { value, place }, this.#findings)
    if (entry === undefined) return
    if (entry.disabled ?? byDefault.disabled) return this.#switchedOff(name)
    const resolved = resolveServer(name, withDefaults(entry, byDefault), this.#surroundings)
    switch (resolved.kind) {
      case 'server':
        this.#servers.push(resolved.definition)
        break
      case 'unusable':
        this.#unusable.push({ name, reason: resolved.reason })
        break
      case 'mistake':
        this.#findings.mistakes.push(`${place}: ${resolved.mistake}`)
        break
    }
  }

  #switchedOff(name: string): void {
    if (SERVER_NAME.test(name)) this.#disabled.push(name)
  }
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
