import type { Caller, FindToolsSuccess } from '../../shared/contracts/find-tools.ts'
import type { FindToolsRequest } from '../../shared/contracts/find-tools-request.ts'
import type { EmbeddingsStatus } from '../../shared/contracts/health.ts'
import type { SearchResult } from '../../shared/contracts/selector-api.ts'

/** What a selector can say of itself. `tools` counts the tools that can be found; undefined where the selector does not tell. */
export interface SelectorCheck {
  tools: number | undefined
  servers: string[] | undefined
  /** Undefined where tools are found by words alone, or the selector does not tell. */
  embeddings?: EmbeddingsStatus | undefined
}

/**
 * A way to select tools: embedded, or an API elsewhere. Every implementation passes `test/contracts/tool-selector-contract.ts`.
 * Each method throws a ServiceError (`selector_failed`, `selector_timeout`, `cancelled`).
 */
export interface ToolSelector extends AsyncDisposable {
  /** Searches, attaches what it found to the caller and detaches the rest. Doing it twice changes nothing more. */
  attach(request: FindToolsRequest, caller: Caller, signal: AbortSignal): Promise<FindToolsSuccess>
  /** The best `limit` tools for a query, best first, attaching nothing. */
  search(query: string, limit: number, signal: AbortSignal): Promise<SearchResult[]>
  /** Resolves when the selector can answer, throws why when it cannot. */
  check(signal: AbortSignal): Promise<SelectorCheck>
}
