import type { Dependency, Readiness } from '../shared/contracts/health.ts'
import { ServiceError } from '../shared/errors/service-error.ts'
import type { ToolCatalog } from './tool-catalog/tool-catalog.ts'
import type { ToolSelector } from './tool-selection/tool-selector.ts'

/** What the worker's calls depend on. */
export interface ReadinessParts {
  selector: Pick<ToolSelector, 'check'>
  catalog: Pick<ToolCatalog, 'skipped' | 'pending'>
  /** Why the pool takes no calls; undefined where it does. */
  whyClosed: () => string | undefined
}

const DEADLINE_MS = 2_000

/**
 * Whether calls are served in full: the selector answers, it is known of every configured server what it offers or why it cannot be
 * listed, and the pool takes calls. A server that fails is no reason not to be ready: it is named, and the others are served.
 */
export async function readinessOf(parts: ReadinessParts, signal: AbortSignal): Promise<Readiness> {
  const { whyNot, embeddings, ...found } = await askSelector(parts, signal)
  const dependencies = {
    selector: { ...dependency(whyNot), ...(embeddings && { embeddings }) },
    catalog: {
      ...dependency(whyPending(parts.catalog.pending()) ?? whyNot),
      ...found,
      skipped: Object.fromEntries(parts.catalog.skipped()),
    },
    pool: dependency(parts.whyClosed()),
  }
  const isReady = Object.values(dependencies).every(({ status }) => status === 'ready')
  return { status: isReady ? 'ready' : 'not_ready', dependencies }
}

async function askSelector({ selector }: ReadinessParts, signal: AbortSignal) {
  try {
    const {
      tools = 0,
      servers = [],
      embeddings,
    } = await selector.check(AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS)]))
    return { tools, servers, embeddings, whyNot: undefined }
  } catch (thrown) {
    return { tools: 0, servers: [], embeddings: undefined, whyNot: ServiceError.from(thrown).message }
  }
}

function dependency(whyNot: string | undefined): Dependency {
  return whyNot === undefined ? { status: 'ready' } : { status: 'not_ready', reason: whyNot }
}

function whyPending(servers: readonly string[]): string | undefined {
  return servers.length === 0 ? undefined : `Not listed yet: ${servers.join(', ')}.`
}
