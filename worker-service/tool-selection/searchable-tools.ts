import type { FoundTool } from '../../shared/contracts/find-tools.ts'
import type { FindToolsRequest } from '../../shared/contracts/find-tools-request.ts'
import type { SearchResult } from '../../shared/contracts/selector-api.ts'
import type { ClientNames } from './client-names.ts'
import { type HybridTool, rankHybrid } from './embeddings/hybrid-ranking.ts'
import { firstSentence } from './first-sentence.ts'
import { createRanking, type RankedTool, type Ranking, type RankingOptions } from './index/ranking.ts'
import { createReasons } from './index/reasons.ts'
import type { IndexedTool, ToolIndex } from './index/tool-index.ts'
import { Siblings } from './siblings.ts'
import { toSignature } from './tool-signature.ts'

const NOTABLE_NEARNESS = 0.5

/** A ranking by words, or by words and meaning. */
export type FoundRanking = Omit<Ranking, 'ranked'> & { ranked: (RankedTool & Partial<HybridTool>)[] }

/** The tools of a catalogue as one revision of it had them: indexed, ranked and named. */
export class SearchableTools {
  readonly revision: number
  readonly names: ClientNames
  readonly #index: ToolIndex
  readonly #siblings: Siblings
  readonly #rank: (query: string, options: RankingOptions) => Ranking

  constructor(revision: number, index: ToolIndex, names: ClientNames) {
    this.revision = revision
    this.#index = index
    this.#siblings = new Siblings(index)
    this.#rank = createRanking(index)
    this.names = names
  }

  /** How many tools there are. */
  get size(): number {
    return this.#index.tools.length
  }

  /** The tools, by their places in every ranking. */
  get tools(): readonly IndexedTool[] {
    return this.#index.tools
  }

  /** Ranks by words, and by meaning too where it is known how near each tool is to the query. */
  rank(query: string, options: RankingOptions, similarities?: Float32Array): FoundRanking {
    if (similarities === undefined) return this.#rank(query, options)
    return rankHybrid({ tools: this.tools, rank: this.#rank }, similarities)(query, options)
  }

  idOf({ tool }: RankedTool): string {
    return this.#at(tool).id
  }

  serverOf({ tool }: RankedTool): string {
    return this.#at(tool).server.name
  }

  /** Ranked tools as find_tools answers a request; `query` is what was searched for. */
  toFoundTools(
    ranked: FoundRanking['ranked'],
    query: string,
    { detailed_response, compact }: Pick<FindToolsRequest, 'detailed_response' | 'compact'>,
  ): FoundTool[] {
    const reasonsOf = detailed_response ? createReasons(this.#index, query) : undefined
    const told = new Set<IndexedTool>()
    return ranked.map(({ tool: place, score, nearness = 0 }) => {
      const found = this.#at(place)
      const { id, server, tool } = found
      // Of two that are both found, the first tells how they differ.
      told.add(found)
      const siblings = this.#siblings.of(found, told, (one) => this.#nameOf(one))
      return {
        tool_id: id,
        name: this.#nameOf(id),
        server: server.name,
        description: compact ? firstSentence(tool.description) : (tool.description ?? ''),
        match_score: score,
        ...(compact ? { signature: toSignature(tool.inputSchema) } : { input_schema: tool.inputSchema }),
        ...(reasonsOf && { reasons: [...reasonsOf(place), ...meaningReason(nearness)] }),
        ...(siblings.length > 0 && { siblings }),
      }
    })
  }

  /** A ranked tool as the tool-selector API's search answers it. */
  toSearchResult({ tool: place, score }: RankedTool): SearchResult {
    const { id, server, tool } = this.#at(place)
    return {
      tool_id: id,
      name: this.#nameOf(id),
      description: tool.description ?? '',
      mcp_server_name: server.name,
      json_schema: tool.inputSchema,
      score,
    }
  }

  #at(place: number): IndexedTool {
    return this.#index.tools[place] as IndexedTool
  }

  #nameOf(id: string): string {
    return this.names.nameOf(id) ?? id
  }
}

// Of the tools that words leave close together, those that are much nearer than the average are moved up.
function meaningReason(nearness: number): string[] {
  if (nearness < NOTABLE_NEARNESS) return []
  return [nearness === 1 ? 'the nearest in meaning' : `near in meaning: ${nearness.toFixed(2)} of the nearest`]
}
