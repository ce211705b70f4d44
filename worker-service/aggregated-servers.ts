import type { ServiceError } from '../shared/errors/service-error.ts'
import { Aggregator } from './aggregator/aggregator.ts'
import type { ListKind } from './aggregator/server-lists.ts'
import type { PooledServers } from './pooled-servers.ts'
import { SYSTEM_CLOCK } from './server-pool/clock.ts'
import type { Service } from './service.ts'

/** What all servers at once are made from. */
interface AggregatedServersOptions {
  readonly servers: PooledServers
  readonly service: Pick<Service, 'findTools' | 'search' | 'tools'>
  /** The highest `limit` of find_tools. */
  readonly maxLimit: number
  readonly observer: {
    listMissing(server: string, kind: ListKind, why: ServiceError): void
    unexpectedError(cause: unknown, method: string): void
  }
}

const SUGGESTED = 3

/** Makes all servers one, for clients of the worker. Disposing ends their sessions. */
export function aggregateServers({ servers, service, maxLimit, observer }: AggregatedServersOptions): Aggregator {
  const { findTools, search, tools } = service
  const suggest = async (text: string, signal: AbortSignal) => {
    const found = await search(text, SUGGESTED, signal)
    return found.map(({ tool_id: id }) => id)
  }
  const lists = servers.openLists({
    listMissing: (...missing) => observer.listMissing(...missing),
    listChanged: (list) => aggregator.listChanged(list),
  })
  const aggregator = new Aggregator({
    servers,
    findTools,
    tools: { ...tools, suggest, maxLimit },
    lists,
    maxResultBytes: (server) => servers.maxResultBytes(server),
    clock: SYSTEM_CLOCK,
    newId: () => crypto.randomUUID(),
    unexpected: (cause, method) => observer.unexpectedError(cause, method),
  })
  tools.onChange(() => aggregator.listChanged('tools'))
  return aggregator
}
