import { type CatalogSummary, findToolsTool } from '../../shared/contracts/find-tools-tool.ts'
import { OWN_TOOL_NAMES } from '../../shared/contracts/own-tool-names.ts'
import { SERVER_NAME } from '../../shared/contracts/server-name.ts'
import { ServiceError } from '../../shared/errors/service-error.ts'
import type { ToolCatalog, ToolDefinition } from '../tool-catalog/tool-catalog.ts'
import type { AttachingCaller, Attachments } from '../tool-selection/attachments.ts'
import type { NamedItem } from '../tool-selection/client-names.ts'
import type { ToolNames } from '../tool-selection/tool-names.ts'
import { CALL_TOOL } from './call-tool.ts'
import { type KnownItem, NamedItems, toKnownItems } from './named-items.ts'

/** What {@link OfferedTools} chooses from. */
export interface OfferedToolsParts {
  readonly catalog: ToolCatalog
  readonly names: ToolNames
  readonly attachments: Pick<Attachments, 'of'>
  /** Whether the configuration wants a tool always attached. */
  readonly isPinned: (server: string, tool: string) => boolean
  /** Whether a tool must not be called, and is not in the catalogue therefore. */
  readonly isWithheld: (server: string, tool: string) => boolean
  /** The ids of a few tools that are most like a text, best first. */
  readonly suggest: (text: string, signal: AbortSignal) => Promise<readonly string[]>
  /** What can be found where an API elsewhere selects from tools of its own; undefined where what the catalogue holds is found. */
  readonly askSummary: ((signal: AbortSignal) => Promise<CatalogSummary | undefined>) | undefined
  /** The highest `limit` of find_tools. */
  readonly maxLimit: number
}

type KnownTool = KnownItem<ToolDefinition>

/** The tools of one revision of the catalogue. */
interface KnownTools {
  readonly revision: number
  /** The names of those that were listed, in the order configured. */
  readonly servers: readonly string[]
  readonly tools: NamedItems<ToolDefinition>
  readonly pinned: readonly KnownTool[]
  /** The lists made of them, by what makes one differ from another. Clients to whom the same is shown have the same one. */
  readonly lists: Map<string, string>
}

const MAX_LISTS = 64
const SUGGESTION_DEADLINE_MS = 1_000
const SUMMARY_DEADLINE_MS = 1_000

/** The tools that clients are shown and can call, by the names they know them by. Asks no server. */
export class OfferedTools {
  readonly #parts: OfferedToolsParts
  #known: KnownTools | undefined
  /** What was told when it was asked last. */
  #askedSummary: CatalogSummary | undefined

  constructor(parts: OfferedToolsParts) {
    this.#parts = parts
  }

  /**
   * The result of tools/list, JSON text: our own tools, the pinned ones as the catalogue has them, those attached in the order attached.
   * `further` are tools of our own that not every client is shown.
   */
  async list(caller: AttachingCaller, further: readonly object[]): Promise<string> {
    const { askSummary } = this.#parts
    const elsewhere = askSummary && (await this.#askSummary(askSummary))
    const attached = await this.#parts.attachments.of(caller)
    const known = this.#current()
    const { lists, servers, tools } = known
    const shown = shownOf(known, attached)
    const key = JSON.stringify([elsewhere, further, shown.map(({ id }) => id)])
    const made = lists.get(key)
    if (made !== undefined) return made
    const summary = askSummary === undefined ? { tools: tools.all.length, servers: [...servers] } : elsewhere
    const own = [findToolsTool(this.#parts.maxLimit, summary), CALL_TOOL, ...further]
    const list = JSON.stringify({ tools: [...own, ...shown.map((tool) => tools.toClient(tool))] })
    if (lists.size === MAX_LISTS) lists.clear()
    lists.set(key, list)
    return list
  }

  /** The tool of this client name; undefined where there is none. */
  byName(name: string): KnownItem<ToolDefinition> | undefined {
    return this.#current().tools.byClientName(name)
  }

  /**
   * The tool that a text means: its id, its client name, its own name, `server__tool`. What only one tool can be is taken for that one; a
   * name of several is that of the one shown under it. Throws `unknown_tool` that says what was meant perhaps.
   */
  async resolve(text: string, caller: AttachingCaller, signal: AbortSignal): Promise<NamedItem> {
    const meant = this.#current().tools.meantBy(text)
    const [only, ...others] = meant
    if (only === undefined) return this.#unlisted(text) ?? (await this.#refuseUnknown(text, signal))
    if (others.length === 0) return only
    const attached = await this.#parts.attachments.of(caller)
    const named = shownOf(this.#current(), attached).find((tool) => tool === this.byName(text))
    if (named !== undefined) return named
    const ids = meant.map(({ id }) => id).join(' or ')
    throw new ServiceError('unknown_tool', `${JSON.stringify(text)} is a tool of several servers. Say ${ids}.`)
  }

  /** A tool that is withheld, which the pool says, or one of a server that was never listed: only that can tell whether it has it. */
  #unlisted(text: string): NamedItem | undefined {
    const { servers } = this.#current()
    const withheld = servers.map((server) => ({ server, name: withoutServer(text, server) }))
    const meant = withheld.find(({ server, name }) => this.#parts.isWithheld(server, name))
    if (meant !== undefined) return meant
    const slash = text.indexOf('/')
    const server = text.slice(0, Math.max(0, slash))
    if (!SERVER_NAME.test(server) || servers.includes(server)) return undefined
    return { server, name: text.slice(slash + 1) }
  }

  async #refuseUnknown(text: string, signal: AbortSignal): Promise<never> {
    if (OWN_TOOL_NAMES.some((name) => name === text)) {
      throw new ServiceError(
        'unknown_tool',
        `There is no tool ${JSON.stringify(text)} of any server. Call it by itself.`,
      )
    }
    const misspelt = this.#current().tools.nearestTo(text)
    const near = misspelt.length > 0 ? misspelt : await this.#suggest(text, signal)
    const remedy = near.length === 0 ? 'Ask find_tools.' : `Did you mean ${near.join(' or ')}?`
    throw new ServiceError('unknown_tool', `There is no tool ${JSON.stringify(text)}. ${remedy}`)
  }

  async #suggest(text: string, signal: AbortSignal): Promise<readonly string[]> {
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(SUGGESTION_DEADLINE_MS)])
    return this.#parts.suggest(text, deadline).catch(() => [])
  }

  async #askSummary(ask: NonNullable<OfferedToolsParts['askSummary']>): Promise<CatalogSummary | undefined> {
    const asked = ask(AbortSignal.timeout(SUMMARY_DEADLINE_MS))
    this.#askedSummary = await asked.catch(() => this.#askedSummary)
    return this.#askedSummary
  }

  #current(): KnownTools {
    const { revision } = this.#parts.catalog
    if (this.#known?.revision !== revision) this.#known = readCatalog(this.#parts)
    return this.#known
  }
}

/** The pinned tools, and then the attached ones, by their ids. */
function shownOf({ tools, pinned }: KnownTools, attached: readonly string[]): KnownTool[] {
  return [...new Set([...pinned, ...attached.flatMap((id) => tools.byId(id) ?? [])])]
}

/** What a text means as a tool of a server: `server/tool`, `server__tool`, `tool`. */
function withoutServer(text: string, server: string): string {
  const prefix = [`${server}/`, `${server}__`].find((one) => text.startsWith(one)) ?? ''
  return text.slice(prefix.length)
}

function readCatalog({ catalog, names, isPinned }: OfferedToolsParts): KnownTools {
  const listed = catalog.servers()
  const all = listed.flatMap(({ name, tools }) => toKnownItems(name, tools))
  return {
    revision: catalog.revision,
    servers: listed.map(({ name }) => name),
    tools: new NamedItems(all, names.of(catalog)),
    pinned: all.filter(({ server, name }) => isPinned(server, name)),
    lists: new Map(),
  }
}
