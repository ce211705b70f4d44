import type { ServiceError } from '../shared/errors/service-error.ts'
import { Aggregator } from './aggregator/aggregator.ts'
import type { PoolListsObserver } from './aggregator/pool-lists.ts'
import type { LinkedServers } from './aggregator/server-link.ts'
import type { ListKind, ServerLists } from './aggregator/server-lists.ts'
import { SYSTEM_CLOCK } from './server-pool/clock.ts'
import type { Service } from './service.ts'
import type { FindTools } from './tool-selection/find-tools.ts'

/** The servers, the lists that they have besides tools, and how much of a result of theirs is given at once. */
interface AggregatedPool extends LinkedServers {
  openLists(observer: PoolListsObserver): ServerLists
  maxResultBytes(server: string): number
  isWithheld(server: string, tool: string): boolean
}

/** What all servers at once are made from. */
interface AggregatedServersOptions {
  readonly servers: AggregatedPool
  readonly service: Pick<Service, 'findTools' | 'search' | 'checkSelector' | 'tools'>
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
  const askElsewhere = async (signal: AbortSignal) => {
    const { tools: count = 0, servers: names = [] } = await service.checkSelector(signal)
    return { tools: count, servers: names }
  }
  const askSummary = tools.areSelectedElsewhere ? askElsewhere : undefined
  const lists = servers.openLists({
    listMissing: (...missing) => observer.listMissing(...missing),
    listChanged: (list) => aggregator.listChanged(list),
  })
  const aggregator = new Aggregator({
    servers,
    findTools,
    tools: { ...tools, isWithheld: (...tool) => servers.isWithheld(...tool), suggest, askSummary, maxLimit },
    lists,
    maxResultBytes: (server) => servers.maxResultBytes(server),
    clock: SYSTEM_CLOCK,
    newId: () => crypto.randomUUID(),
    unexpected: (cause, method) => observer.unexpectedError(cause, method),
  })
  tools.onChange(() => aggregator.listChanged('tools'))
  return aggregator
}

/** find_tools for clients that are connected in another way besides: what it attaches to a session is told there before it is answered. */
export function tellingSessions(findTools: FindTools, aggregator: Pick<Aggregator, 'attached'>): FindTools {
  return async (input, from, signal) => {
    const outcome = await findTools(input, from, signal)
    if (outcome.kind === 'answer' && from.session !== undefined) await aggregator.attached(from.session)
    return outcome
  }
}
