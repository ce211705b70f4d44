import { SERVER_NAME } from '../../shared/contracts/server-name.ts'
import { isJsonObject } from '../../shared/json-object.ts'
import type { ServerDefinition } from '../server-pool/server-definition.ts'
import { parseJsonc } from './parse-jsonc.ts'
import { resolveServer, type ServerSurroundings } from './resolve-server.ts'
import { readSection } from './section-reader.ts'
import { SERVER_ENTRY, SERVER_SETTINGS, type ServerSettings } from './server-entry.ts'

/** A configured server that cannot be used for now, and what to do about it. */
export interface UnusableServer {
  name: string
  reason: string
}

/** The servers of a configuration in the order written, disabled ones left out, or everything that is wrong with it. */
export type ParsedServers =
  | { kind: 'servers'; servers: ServerDefinition[]; unusable: UnusableServer[] }
  | { kind: 'mistakes'; mistakes: string[] }

/** Reads the text of an `mcp.json`: `mcpServers` (or `servers`), and the `pool` section with defaults for all of them. */
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
  readonly #mistakes: string[] = []

  constructor(document: Record<string, unknown>, surroundings: ServerSurroundings) {
    this.#document = document
    this.#surroundings = surroundings
  }

  read(): ParsedServers {
    const pool = { value: this.#document.pool ?? {}, place: 'pool' }
    const byDefault = readSection(SERVER_SETTINGS, pool, this.#mistakes) ?? {}
    for (const [name, entry] of Object.entries(this.#entries())) this.#readServer(name, entry, byDefault)
    if (this.#mistakes.length > 0) return { kind: 'mistakes', mistakes: this.#mistakes }
    return { kind: 'servers', servers: this.#servers, unusable: this.#unusable }
  }

  #entries(): Record<string, unknown> {
    const { mcpServers, mcp_servers, servers } = this.#document
    const entries = mcpServers ?? mcp_servers ?? servers ?? {}
    if (isJsonObject(entries)) return entries
    this.#mistakes.push('"mcpServers" must be an object of servers by their names')
    return {}
  }

  #readServer(name: string, value: unknown, byDefault: ServerSettings): void {
    // An entry that is switched off may be half-written.
    if (isJsonObject(value) && value.disabled === true) return
    const place = `server ${JSON.stringify(name)}`
    if (!SERVER_NAME.test(name)) {
      this.#mistakes.push(`${place}: a name has 1 to 40 letters, digits, "_", "-" or "."; rename it`)
    }
    const entry = readSection(SERVER_ENTRY, { value, place }, this.#mistakes)
    if (entry === undefined || (entry.disabled ?? byDefault.disabled)) return
    const resolved = resolveServer(name, { ...byDefault, ...entry }, this.#surroundings)
    switch (resolved.kind) {
      case 'server':
        this.#servers.push(resolved.definition)
        break
      case 'unusable':
        this.#unusable.push({ name, reason: resolved.reason })
        break
      case 'mistake':
        this.#mistakes.push(`${place}: ${resolved.mistake}`)
        break
    }
  }
}
