import type { ListedServer, ToolCatalog } from '../../worker-service/tool-catalog/tool-catalog.ts'

/** A catalogue that knows what it is given, and says it is settled unless it is told when it is. */
export function createFixedCatalog(servers: readonly ListedServer[], changes: Partial<ToolCatalog> = {}): ToolCatalog {
  return {
    revision: 1,
    fingerprint: 'fixed',
    servers: () => servers,
    skipped: () => new Map(),
    pending: () => [],
    isSettled: changes.settled === undefined,
    settled: async () => {},
    ...changes,
  }
}
