import { setTimeout as sleep } from 'node:timers/promises'
import type { Caller, FindToolsDetails, FindToolsSuccess, FoundTool } from '../../../shared/contracts/find-tools.ts'
import type { FindToolsRequest } from '../../../shared/contracts/find-tools-request.ts'
import type { SearchResult } from '../../../shared/contracts/selector-api.ts'
import { ServiceError } from '../../../shared/errors/service-error.ts'
import type { ToolCatalog } from '../../tool-catalog/tool-catalog.ts'
import { describeFound, describeNothingFound, NO_QUERY_MESSAGE } from '../answer-message.ts'
import type { AttachmentChange, Attachments } from '../attachments.ts'
import { toCancellation } from '../cancellation.ts'
import { fromItemId } from '../client-names.ts'
import { canMeaningHelp } from '../embeddings/hybrid-ranking.ts'
import type { SimilaritySource } from '../embeddings/semantic-search.ts'
import type { RankedTool, RankingOptions } from '../index/ranking.ts'
import { buildToolIndex, type ToolIndex } from '../index/tool-index.ts'
import { type FoundRanking, SearchableTools } from '../searchable-tools.ts'
import { ToolNames } from '../tool-names.ts'
import type { SelectorCheck, ToolSelector } from '../tool-selector.ts'

interface EmbeddedSelectorOptions {
  catalog: ToolCatalog
  attachments: Attachments
  /** Names what the catalogue holds, where others must know the names too. */
  names?: ToolNames
  /** Whether the configuration wants a tool always attached: such a tool is never detached. */
  isPinned?: (server: string, tool: string) => boolean
  /** Indexes what the catalogue holds; anew where nothing else is said. */
  indexOf?: (catalog: ToolCatalog) => ToolIndex
  /** Tells how near tools are to a query in meaning; without it they are ranked by words alone. */
  semantics?: SimilaritySource | undefined
  /** How long a search waits for servers that were never listed before it answers from those that were, in milliseconds. */
  settleTimeoutMs?: number
}

const DEFAULT_SETTLE_TIMEOUT_MS = 5_000
const NEAREST = 3
/** What `target_agent` says of a session, whose own id is nobody else's concern. */
const SESSION_TARGET = 'session'
const UNCHANGED: AttachmentChange = { detached: [], preserved: [], failed: [] }

/** The selector that searches the tools of the configured servers itself. */
export function createEmbeddedSelector(options: EmbeddedSelectorOptions): ToolSelector {
  return new EmbeddedSelector(options)
}

class EmbeddedSelector implements ToolSelector {
  readonly #catalog: ToolCatalog
  readonly #attachments: Attachments
  readonly #names: ToolNames
  readonly #isPinned: (server: string, tool: string) => boolean
  readonly #indexOf: (catalog: ToolCatalog) => ToolIndex
  readonly #semantics: SimilaritySource | undefined
  readonly #settleTimeoutMs: number
  #patience: Promise<void> | undefined
  #tools: SearchableTools | undefined

  constructor({
    catalog,
    attachments,
    names = new ToolNames(),
    isPinned = () => false,
    indexOf = (tools) => buildToolIndex(tools.servers()),
    semantics,
    settleTimeoutMs = DEFAULT_SETTLE_TIMEOUT_MS,
  }: EmbeddedSelectorOptions) {
    this.#catalog = catalog
    this.#attachments = attachments
    this.#names = names
    this.#isPinned = isPinned
    this.#indexOf = indexOf
    this.#semantics = semantics
    this.#settleTimeoutMs = settleTimeoutMs
  }

  async attach(request: FindToolsRequest, caller: Caller, signal: AbortSignal): Promise<FindToolsSuccess> {
    const query = request.query?.trim() ?? ''
    if (query === '') return toAnswer(NO_QUERY_MESSAGE, { caller, found: [], processed: 0, passed: 0 })
    const tools = await this.#currentTools(signal)
    const wanted = { limit: request.limit, minScore: request.min_score }
    const { ranked, passed, embeddings } = await this.#rank(tools, query, wanted, signal)
    const outcome = { caller, processed: tools.size, passed, embeddings }
    if (ranked.length === 0) {
      return toAnswer(this.#describeNothing(tools, query, request.min_score), { ...outcome, found: [] })
    }
    const change = await this.#attach(caller, { tools, ranked, kept: request.keep_tools }, signal)
    const failed = new Set(change.failed.map(({ tool_id }) => tool_id))
    const found = tools.toFoundTools(ranked, query, request).filter(({ tool_id }) => !failed.has(tool_id))
    return toAnswer(describeFound(found, caller, change.failed), { ...outcome, found, change })
  }

  async search(query: string, limit: number, signal: AbortSignal): Promise<SearchResult[]> {
    const tools = await this.#currentTools(signal)
    const { ranked } = await this.#rank(tools, query, { limit, minScore: 0 }, signal)
    return ranked.map((one) => tools.toSearchResult(one))
  }

  async check(signal: AbortSignal): Promise<SelectorCheck> {
    // What a snapshot knows can be found already while the servers are still being asked.
    if (this.#catalog.servers().length === 0) await this.#settle(signal)
    const servers = this.#catalog.servers()
    return {
      tools: servers.reduce((sum, { tools }) => sum + tools.length, 0),
      servers: servers.map(({ name }) => name),
      embeddings: this.#semantics?.status(),
    }
  }

  // Holds nothing: catalogue, attachments and embeddings belong to whoever made them.
  async [Symbol.asyncDispose](): Promise<void> {}

  async #currentTools(signal: AbortSignal): Promise<SearchableTools> {
    await this.#settle(signal)
    const { revision } = this.#catalog
    if (this.#tools?.revision === revision) return this.#tools
    this.#tools = new SearchableTools(revision, this.#indexOf(this.#catalog), this.#names.of(this.#catalog))
    return this.#tools
  }

  /** Ranks by words, and by meaning where there are embeddings and they may change anything. */
  async #rank(tools: SearchableTools, query: string, wanted: RankingOptions, signal: AbortSignal): Promise<Ranked> {
    const byWords = tools.rank(query, wanted)
    if (this.#semantics === undefined) return byWords
    if (!canMeaningHelp(byWords)) return { ...byWords, embeddings: { used: false } }
    const near = await this.#semantics.similaritiesTo(query, tools.tools, signal)
    if ('reason' in near) return { ...byWords, embeddings: { used: false, reason: near.reason } }
    return { ...tools.rank(query, wanted, near.values), embeddings: { used: true } }
  }

  // The wait is shared: searches that come after it ended in vain answer at once from what is known, until that was all once.
  async #settle(signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw toCancellation(signal)
    if (this.#catalog.isSettled) {
      this.#patience = undefined
      return
    }
    this.#patience ??= sleep(this.#settleTimeoutMs, undefined, { ref: false })
    try {
      await Promise.race([this.#catalog.settled(signal), this.#patience])
    } catch (thrown) {
      throw signal.aborted ? toCancellation(signal) : ServiceError.from(thrown)
    }
  }

  async #attach(
    caller: Caller,
    { tools, ranked, kept }: { tools: SearchableTools; ranked: RankedTool[]; kept: string[] },
    signal: AbortSignal,
  ): Promise<AttachmentChange> {
    if (caller.kind === 'nobody') return UNCHANGED
    // A tool may be kept by the name under which the client sees it. What is not attached cannot be kept: it is passed over.
    const keptIds = new Set(kept.map((id) => tools.names.idOf(id) ?? id))
    const isPinned = (id: string) => {
      const { server, name } = fromItemId(id)
      return this.#isPinned(server, name)
    }
    const isKept = (id: string) => keptIds.has(id) || isPinned(id)
    try {
      const found = ranked.map((tool) => tools.idOf(tool))
      return await this.#attachments.replace(caller, { found, isKept }, signal)
    } catch (thrown) {
      throw signal.aborted ? toCancellation(signal) : ServiceError.from(thrown)
    }
  }

  #describeNothing(tools: SearchableTools, query: string, minScore: number): string {
    const near = tools.rank(query, { limit: NEAREST, minScore: 0 }).ranked
    const [best] = near
    return describeNothingFound({
      query,
      minScore,
      nearest: best && { id: tools.idOf(best), score: best.score },
      nearestServers: [...new Set(near.map((tool) => tools.serverOf(tool)))],
      servers: this.#catalog.servers().map(({ name }) => name),
      toolCount: tools.size,
      skipped: this.#catalog.skipped(),
      complete: this.#catalog.isSettled,
    })
  }
}

interface Ranked extends FoundRanking {
  embeddings?: FindToolsDetails['embeddings']
}

interface Outcome {
  /** Undefined where none are configured. */
  embeddings?: FindToolsDetails['embeddings']
  caller: Caller
  found: FoundTool[]
  change?: AttachmentChange
  processed: number
  passed: number
}

function toAnswer(message: string, outcome: Outcome): FindToolsSuccess {
  const { caller, found, change = UNCHANGED, processed, passed, embeddings } = outcome
  return {
    status: 'success',
    message,
    details: {
      successful_attachments: found,
      detached_tools: change.detached,
      failed_attachments: change.failed,
      preserved_tools: change.preserved,
      processed_count: processed,
      passed_filter_count: passed,
      success_count: found.length,
      failure_count: change.failed.length,
      target_agent: toTarget(caller),
      ...(embeddings && { embeddings }),
    },
  }
}

function toTarget(caller: Caller): string | null {
  if (caller.kind === 'agent') return caller.id
  return caller.kind === 'session' ? SESSION_TARGET : null
}
