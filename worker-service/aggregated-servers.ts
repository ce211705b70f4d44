import { Aggregator } from './aggregator/aggregator.ts'
import type { LinkedServers } from './aggregator/server-link.ts'
import { SYSTEM_CLOCK } from './server-pool/clock.ts'
import type { Service } from './service.ts'

/** What all servers at once are made from. */
interface AggregatedServersOptions {
  readonly servers: LinkedServers
  readonly service: Pick<Service, 'findTools' | 'search' | 'tools'>
  /** The highest `limit` of find_tools. */
  readonly maxLimit: number
  /** Is told of what nobody foresaw. */
  readonly unexpected: (cause: unknown, method: string) => void
}

const SUGGESTED = 3

/** Makes all servers one, for clients of the worker. Disposing ends their sessions. */
export function aggregateServers({ servers, service, maxLimit, unexpected }: AggregatedServersOptions): Aggregator {
  const { findTools, search, tools } = service
  const suggest = async (text: string, signal: AbortSignal) => {
    const found = await search(text, SUGGESTED, signal)
    return found.map(({ tool_id: id }) => id)
  }
  const aggregator = new Aggregator({
    servers,
    findTools,
    tools: { ...tools, suggest, maxLimit },
    clock: SYSTEM_CLOCK,
    newId: () => crypto.randomUUID(),
    unexpected,
  })
  tools.onChange(() => aggregator.toolsChanged())
  return aggregator
}
