import { findToolsTool } from '../../shared/contracts/find-tools-tool.ts'
import { SERVER_NAME } from '../../shared/contracts/server-name.ts'
import { ServiceError } from '../../shared/errors/service-error.ts'
import { nearestName } from '../../shared/nearest-name.ts'
import type { ToolCatalog, ToolDefinition } from '../tool-catalog/tool-catalog.ts'
import type { AttachingCaller, Attachments } from '../tool-selection/attachments.ts'
import type { NamedTool } from '../tool-selection/client-names.ts'
import type { ToolNames } from '../tool-selection/tool-names.ts'
import { CALL_TOOL } from './call-tool.ts'

/** What {@link OfferedTools} chooses from. */
export interface OfferedToolsParts {
  readonly catalog: ToolCatalog
  readonly names: ToolNames
  readonly attachments: Pick<Attachments, 'of'>
  /** Whether the configuration wants a tool always attached. */
  readonly isPinned: (server: string, tool: string) => boolean
  /** The ids of a few tools that are most like a text, best first. */
  readonly suggest: (text: string, signal: AbortSignal) => Promise<readonly string[]>
  /** The highest `limit` of find_tools. */
  readonly maxLimit: number
}

interface KnownTool extends NamedTool {
  readonly id: string
  readonly definition: ToolDefinition
}

/** The tools of one revision of the catalogue. */
interface KnownTools {
  readonly revision: number
  readonly servers: ReadonlySet<string>
  readonly byId: ReadonlyMap<string, KnownTool>
  /** By the name that a tool has at its server, in the order of the catalogue. */
  readonly byOwnName: ReadonlyMap<string, readonly KnownTool[]>
  readonly pinned: readonly KnownTool[]
}

const SUGGESTION_DEADLINE_MS = 1_000
const SEPARATOR = '__'

/** The tools that clients are shown and can call, by the names they know them by. Asks no server. */
export class OfferedTools {
  readonly #parts: OfferedToolsParts
  #known: KnownTools | undefined

  constructor(parts: OfferedToolsParts) {
    this.#parts = parts
  }

  /** The result of tools/list, JSON text: our own tools, the pinned ones as the catalogue has them, those attached in the order attached. */
  async list(caller: AttachingCaller): Promise<string> {
    const { catalog, maxLimit } = this.#parts
    const shown = await this.#shownTo(caller)
    const { byId } = this.#current()
    const servers = catalog.servers().map(({ name }) => name)
    const tools = [findToolsTool(maxLimit, { tools: byId.size, servers }), CALL_TOOL, ...this.#toClients(shown)]
    return JSON.stringify({ tools })
  }

  /** The tool of this client name; undefined where there is none. */
  byName(name: string): NamedTool | undefined {
    const id = this.#parts.names.of(this.#parts.catalog).idOf(name)
    return id === undefined ? undefined : this.#current().byId.get(id)
  }

  /**
   * The tool that a text means: its id, its client name, its own name, `server__tool`. What only one tool can be is taken for that one; a
   * name of several is that of the one shown under it. Throws `unknown_tool` that says what was meant perhaps.
   */
  async resolve(text: string, caller: AttachingCaller, signal: AbortSignal): Promise<NamedTool> {
    const [only, ...others] = this.#candidates(text)
    if (only !== undefined && others.length === 0) return only
    if (only === undefined) return this.#unlisted(text) ?? (await this.#refuseUnknown(text, signal))
    const named = this.byName(text)
    const shown = await this.#shownTo(caller)
    const meant = shown.find((tool) => tool === named)
    if (meant !== undefined) return meant
    const ids = [only, ...others].map(({ id }) => id).join(' or ')
    throw new ServiceError('unknown_tool', `${JSON.stringify(text)} is a tool of several servers. Say ${ids}.`)
  }

  #candidates(text: string): readonly KnownTool[] {
    const { byId, byOwnName } = this.#current()
    const exact = byId.get(text)
    if (exact !== undefined) return [exact]
    const named = this.#parts.names.of(this.#parts.catalog).idOf(text)
    const renamed = named === undefined ? [] : [byId.get(named)].filter((tool) => tool !== undefined)
    const own = byOwnName.get(text) ?? []
    const found = [...new Set([...renamed, ...own])]
    return found.length > 0 ? found : splits(text).flatMap((id) => byId.get(id) ?? [])
  }

  /** A tool of a server that was never listed: only the server can tell whether it has it. */
  #unlisted(text: string): NamedTool | undefined {
    const slash = text.indexOf('/')
    const server = text.slice(0, Math.max(0, slash))
    if (!SERVER_NAME.test(server) || this.#current().servers.has(server)) return undefined
    return { server, tool: text.slice(slash + 1) }
  }

  async #refuseUnknown(text: string, signal: AbortSignal): Promise<never> {
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(SUGGESTION_DEADLINE_MS)])
    const alike = await this.#parts.suggest(text, deadline).catch(() => [])
    const near = [...new Set([...this.#mistyped(text), ...alike])]
    const remedy = near.length === 0 ? 'Ask find_tools.' : `Did you mean ${near.join(' or ')}?`
    throw new ServiceError('unknown_tool', `There is no tool ${JSON.stringify(text)}. ${remedy}`)
  }

  #mistyped(text: string): string[] {
    const { byId, byOwnName } = this.#current()
    const id = nearestName(text, [...byId.keys()])
    if (id !== undefined) return [id]
    const own = nearestName(text, [...byOwnName.keys()])
    return own === undefined ? [] : (byOwnName.get(own) ?? []).map((tool) => tool.id)
  }

  async #shownTo(caller: AttachingCaller): Promise<KnownTool[]> {
    const attached = await this.#parts.attachments.of(caller)
    const { byId, pinned } = this.#current()
    return [...new Set([...pinned, ...attached.flatMap((id) => byId.get(id) ?? [])])]
  }

  #toClients(tools: readonly KnownTool[]): ToolDefinition[] {
    const names = this.#parts.names.of(this.#parts.catalog)
    return tools.map(({ id, definition }) => ({ ...definition, name: names.nameOf(id) ?? definition.name }))
  }

  #current(): KnownTools {
    const { revision } = this.#parts.catalog
    if (this.#known?.revision !== revision) this.#known = readCatalog(this.#parts)
    return this.#known
  }
}

function readCatalog({ catalog, isPinned }: OfferedToolsParts): KnownTools {
  const servers = catalog.servers()
  const tools = servers.flatMap(({ name: server, tools: listed }) =>
    listed.map((definition) => toKnown(server, definition)),
  )
  return {
    revision: catalog.revision,
    servers: new Set(servers.map(({ name }) => name)),
    byId: new Map(tools.map((tool) => [tool.id, tool])),
    byOwnName: Map.groupBy(tools, ({ tool }) => tool),
    pinned: tools.filter(({ server, tool }) => isPinned(server, tool)),
  }
}

function toKnown(server: string, definition: ToolDefinition): KnownTool {
  return { id: `${server}/${definition.name}`, server, tool: definition.name, definition }
}

/** The ids that `server__tool` may stand for, as both may have underscores. */
function splits(text: string): string[] {
  const ids: string[] = []
  for (let at = text.indexOf(SEPARATOR); at > 0; at = text.indexOf(SEPARATOR, at + 1)) {
    ids.push(`${text.slice(0, at)}/${text.slice(at + SEPARATOR.length)}`)
  }
  return ids
}
