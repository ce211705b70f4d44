import type { Health, Readiness } from '../../shared/contracts/health.ts'
import type { SearchResult } from '../../shared/contracts/selector-api.ts'
import type { FindTools } from '../tool-selection/find-tools.ts'
import type { SelectorCheck } from '../tool-selection/tool-selector.ts'

/** What the HTTP routes ask of the service behind them. */
export interface HttpService {
  findTools: FindTools
  search(query: string, limit: number, signal: AbortSignal): Promise<SearchResult[]>
  checkSelector(signal: AbortSignal): Promise<SelectorCheck>
  health(): Health
  readiness(signal: AbortSignal): Promise<Readiness>
}

/** Something that prints its metrics in Prometheus' text format, as a registry of prom-client does. */
export interface MetricsSource {
  contentType: string
  metrics(): Promise<string>
}
