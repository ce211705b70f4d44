import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CatalogSummary } from '../shared/contracts/find-tools-tool.ts'
import type { Readiness } from '../shared/contracts/health.ts'
import { SERVER_NAME } from '../shared/contracts/server-name.ts'

const FILE_NAME = 'catalog-summary.json'

/** What a worker left in the cache folder about its catalogue; undefined when there is nothing readable. */
export function readCatalogSummary(cacheFolder: string): CatalogSummary | undefined {
  try {
    return parseCatalogSummary(JSON.parse(readFileSync(join(cacheFolder, FILE_NAME), 'utf8')))
  } catch {
    return undefined
  }
}

/** The catalogue as a worker's readiness tells it; undefined while the worker itself does not know it. */
export function catalogSummaryOf({ dependencies: { catalog } }: Readiness): CatalogSummary | undefined {
  return catalog?.status === 'ready' ? parseCatalogSummary(catalog) : undefined
}

/** Whether two summaries would be told in the same words. */
export function sameSummary(one: CatalogSummary | undefined, other: CatalogSummary | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

function parseCatalogSummary(value: unknown): CatalogSummary | undefined {
  const { tools, servers } = (value ?? {}) as Record<string, unknown>
  if (typeof tools !== 'number' || !Number.isSafeInteger(tools) || tools < 0) return undefined
  if (!Array.isArray(servers)) return undefined
  return { tools, servers: servers.filter((name) => typeof name === 'string' && SERVER_NAME.test(name)) }
}
