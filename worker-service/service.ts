import { type Health, type Readiness, WORKER_SERVICE_NAME } from '../shared/contracts/health.ts'
import type { SearchResult } from '../shared/contracts/selector-api.ts'
import type { Environment } from '../shared/environment.ts'
import { ServiceError } from '../shared/errors/service-error.ts'
import { VERSION } from '../shared/version.ts'
import { createFindTools, type FindTools } from './tool-selection/find-tools.ts'
import { createApiSelector } from './tool-selection/selectors/api-selector.ts'
import type { SelectorObserver } from './tool-selection/selectors/selector-client.ts'
import type { SelectorCheck, ToolSelector } from './tool-selection/tool-selector.ts'

/** Everything Pilotlight does, listening to nothing: the worker puts HTTP on it, the one-shot asks it one thing. */
export interface Service extends AsyncDisposable {
  findTools: FindTools
  search(query: string, limit: number, signal: AbortSignal): Promise<SearchResult[]>
  checkSelector(signal: AbortSignal): Promise<SelectorCheck>
  health(): Health
  readiness(signal: AbortSignal): Promise<Readiness>
  /** For the log: which selector answers, and from which configuration. */
  description: { selector: string; config: string }
}

/** Who is told what happens inside. */
export interface ServiceObserver {
  selector: SelectorObserver
}

export interface ServiceOptions {
  environment: Environment
  variables: Readonly<Record<string, string | undefined>>
  /** Which servers to ask for their tools: all of them, or only those nothing is known of. */
  listing: 'all' | 'missing'
  observer: ServiceObserver
}

/** An observer for a program that nobody watches. */
export const SILENT_OBSERVER: ServiceObserver = {
  selector: {
    connectionOpened() {},
    connectionClosed() {},
    requestFinished() {},
    circuitOpened() {},
    circuitClosed() {},
  },
}

const READINESS_DEADLINE_MS = 2_000

/** Builds the service. Throws `invalid_configuration` that lists every mistake. */
export async function createService(options: ServiceOptions): Promise<Service> {
  const { environment } = options
  const selector = createSelector(options)
  const startedAt = performance.now()
  return {
    findTools: createFindTools({ selector, maxLimit: environment.findTools.maxLimit }),
    search: (query, limit, signal) => selector.search(query, limit, signal),
    checkSelector: (signal) => selector.check(signal),
    health: () => ({
      status: 'healthy',
      service: WORKER_SERVICE_NAME,
      version: VERSION,
      uptime_s: Math.floor((performance.now() - startedAt) / 1_000),
    }),
    readiness: (signal) => readinessOf(selector, AbortSignal.any([signal, AbortSignal.timeout(READINESS_DEADLINE_MS)])),
    description: { selector: environment.selector.url ?? 'embedded', config: environment.configPath },
    [Symbol.asyncDispose]: () => selector[Symbol.asyncDispose](),
  }
}

function createSelector({ environment, observer }: ServiceOptions): ToolSelector {
  const { url, timeoutMs, token, lettaPassword } = environment.selector
  if (url !== undefined)
    return createApiSelector({ baseUrl: url, timeoutMs, token, lettaPassword, observer: observer.selector })
  throw new ServiceError('invalid_configuration', 'embedded')
}

async function readinessOf(selector: ToolSelector, signal: AbortSignal): Promise<Readiness> {
  try {
    const { tools = 0, servers = [] } = await selector.check(signal)
    const catalog = { status: 'ready' as const, tools, servers, skipped: {} }
    return { status: 'ready', dependencies: { selector: { status: 'ready' }, catalog } }
  } catch (thrown) {
    const reason = ServiceError.from(thrown).message
    const catalog = { status: 'not_ready' as const, reason, tools: 0, servers: [], skipped: {} }
    return { status: 'not_ready', dependencies: { selector: { status: 'not_ready', reason }, catalog } }
  }
}
