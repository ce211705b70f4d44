import { EventEmitter } from 'node:events'
import { join } from 'node:path'
import { WORKER_SERVICE_NAME } from '../shared/contracts/service-name.ts'
import type { Environment } from '../shared/environment.ts'
import { fingerprint } from '../shared/fingerprint.ts'
import { VERSION } from '../shared/version.ts'
import type { ServerConfiguration } from './config/server-configuration.ts'
import type { FindToolsService } from './control/worker-control.ts'
import { readinessOf } from './readiness.ts'
import { createPinnedCheck } from './server-pool/tool-globs.ts'
import { LiveCatalog } from './tool-catalog/live-catalog.ts'
import { type CatalogServers, OpenCatalog, type ServersCatalog } from './tool-catalog/open-catalog.ts'
import type { ListRest, ListServer } from './tool-catalog/server-listing.ts'
import type { CatalogObserver } from './tool-catalog/sync.ts'
import type { ToolCatalog } from './tool-catalog/tool-catalog.ts'
import { type Attachments, createAttachments } from './tool-selection/attachments.ts'
import type { EmbeddingsObserver } from './tool-selection/embeddings/semantic-search.ts'
import { createFindTools } from './tool-selection/find-tools.ts'
import { KeptIndex } from './tool-selection/kept-index.ts'
import { NameFile } from './tool-selection/name-file.ts'
import { attachingHere } from './tool-selection/selectors/attaching-here.ts'
import { createEmbeddedSelector } from './tool-selection/selectors/embedded-selector.ts'
import { ToolNames } from './tool-selection/tool-names.ts'
import type { ToolSelector } from './tool-selection/tool-selector.ts'
import type { ApiObserver } from './tool-selection/upstream/api-client.ts'

/** Finding tools, listening to nothing: the worker puts HTTP on it, the one-shot asks it one thing. */
export interface Service extends FindToolsService, AsyncDisposable {
  readonly tools: ServiceTools
  /** Takes on another configuration of servers: those that are new or changed are asked for their tools in the background. */
  configure(servers: CatalogServers): void
}

/** The tools of the configured servers; in a one-shot none where an API elsewhere selects from its own. */
export interface ServiceTools {
  /** Whether an API elsewhere selects, from tools of its own, which these may be among. */
  readonly areSelectedElsewhere: boolean
  readonly catalog: ToolCatalog
  readonly names: ToolNames
  readonly attachments: Pick<Attachments, 'of'>
  /** A server's tools as it listed them, page by page, where that is kept. */
  pagesOf(server: string): readonly Buffer[]
  isPinned(server: string, tool: string): boolean
  /** Calls back from now on when there may be other tools than before. */
  onChange(listener: () => void): void
}

/** Who is told what happens inside. */
export interface ServiceObserver {
  selector: ApiObserver
  embeddings: EmbeddingsObserver
  catalog: CatalogObserver
}

export interface ServiceOptions {
  environment: Environment
  /** Which servers to ask for their tools: none, those of which nothing is remembered, or those too of which that is outdated. */
  listing: 'nothing' | 'missing' | 'outdated'
  observer: ServiceObserver
  servers: ServiceServers
}

/** The configured servers. */
export interface ServiceServers {
  /** What is configured. Rejects with `invalid_configuration`. */
  configured(): Promise<ServerConfiguration>
  readonly listServer: ListServer
  /** Where clients will ask the servers for more than their tools. */
  readonly listRest?: ListRest
  /** Is told when a server has been asked for all that it has. */
  readonly answered?: (server: string) => void
  isRunning(server: string): boolean
  /** Why no calls are taken; undefined where they are. */
  whyClosed(): string | undefined
  /** Tells a catalogue of them from now on, and may ask it. */
  listedIn(catalog: ServersCatalog): void
}

/** A way to select tools, and what it selects from. */
interface Selection extends AsyncDisposable {
  selector: ToolSelector
  tools: ServiceTools
  configure: (servers: CatalogServers) => void
}

const NO_TOOLS: ServiceTools = {
  areSelectedElsewhere: true,
  catalog: new LiveCatalog([]),
  names: new ToolNames(),
  attachments: { of: async () => [] },
  pagesOf: () => [],
  isPinned: () => false,
  onChange: () => {},
}

/** Builds the service. Throws `invalid_configuration` that lists every mistake. */
export async function createService(options: ServiceOptions): Promise<Service> {
  const startedAt = process.uptime()
  const selection = options.environment.selector.url === undefined ? await embedded(options) : await external(options)
  const { selector, tools } = selection
  const { servers } = options
  return {
    findTools: createFindTools({ selector, maxLimit: options.environment.findTools.maxLimit }),
    search: (query, limit, signal) => selector.search(query, limit, signal),
    checkSelector: (signal) => selector.check(signal),
    health: () => ({
      status: 'healthy',
      service: WORKER_SERVICE_NAME,
      version: VERSION,
      uptime_s: Math.floor(process.uptime() - startedAt),
    }),
    readiness: (signal) =>
      readinessOf({ selector, catalog: tools.catalog, whyClosed: () => servers.whyClosed() }, signal),
    tools,
    configure: (configured) => selection.configure(configured),
    [Symbol.asyncDispose]: () => selection[Symbol.asyncDispose](),
  }
}

async function external(options: ServiceOptions): Promise<Selection> {
  const { environment, observer, listing } = options
  // Loaded here, because zod, with which it reads replies, takes longer to load than a one-shot to answer.
  const { createApiSelector } = await import('./tool-selection/selectors/api-selector.ts')
  const { url: baseUrl = '', ...reach } = environment.selector
  const selector = createApiSelector({ baseUrl, ...reach, observer: observer.selector })
  // A one-shot is asked for what the selector finds and for nothing else.
  if (listing !== 'outdated') return { selector, tools: NO_TOOLS, configure: () => {}, ...disposing(selector) }
  const { tools, attachments, ...own } = await openOwnTools(options)
  return {
    selector: attachingHere(selector, { catalog: tools.catalog, attachments }),
    tools: { ...tools, areSelectedElsewhere: true },
    configure: own.configure,
    ...disposing(selector, own),
  }
}

async function embedded(options: ServiceOptions): Promise<Selection> {
  const { environment, observer } = options
  const { configPath, folders } = environment
  const { tools: known, attachments: records, ...own } = await openOwnTools(options)
  const letta = await openLetta(environment, records, observer.selector)
  const attachments = letta ?? records
  const tools = { ...known, attachments }
  const index = new KeptIndex({
    path: join(folders.cache, 'index', `${fingerprint(configPath)}.bin`),
    warn: (message) => observer.catalog.snapshotFailed(message),
  })
  const semantics = await openSemantics(options, tools)
  const selector = createEmbeddedSelector({ ...tools, semantics, indexOf: (searched) => index.of(searched) })
  return { selector, tools, configure: own.configure, ...disposing(own, index, letta, semantics) }
}

/** What is known of the configured servers' tools, and what is attached to whom. */
interface OwnTools extends AsyncDisposable {
  readonly tools: ServiceTools
  readonly attachments: Attachments
  readonly configure: (servers: CatalogServers) => void
}

async function openOwnTools(options: ServiceOptions): Promise<OwnTools> {
  const { environment, servers, listing, observer } = options
  const { configPath, folders } = environment
  const changes = new EventEmitter<{ change: [] }>()
  const configuration = await servers.configured()
  const open = openKnownTools(options, configuration, () => changes.emit('change'))
  const nameFile = new NameFile({
    path: join(folders.state, 'names', `${fingerprint(configPath)}.json`),
    isOwner: listing === 'outdated',
    warn: (message) => observer.catalog.snapshotFailed(message),
  })
  let isPinned = createPinnedCheck(configuration.servers)
  const attachments = createAttachments({ folder: join(folders.state, 'attachments') })
  return {
    tools: {
      areSelectedElsewhere: false,
      catalog: open.catalog,
      names: new ToolNames(nameFile),
      attachments,
      pagesOf: (server) => open.answersOf(server).get('tools/list') ?? [],
      isPinned: (server, tool) => isPinned(server, tool),
      onChange: (listener) => void changes.on('change', listener),
    },
    attachments,
    configure: (configured) => {
      isPinned = createPinnedCheck(configured.servers)
      open.configure(configured)
      changes.emit('change')
    },
    ...disposing(open, nameFile),
  }
}

/** Disposes of these that there are, one after the other. */
function disposing(...owned: (AsyncDisposable | undefined)[]): AsyncDisposable {
  return {
    async [Symbol.asyncDispose]() {
      for (const one of owned) await one?.[Symbol.asyncDispose]()
    },
  }
}

// Loaded here, for those who have agents in Letta alone.
async function openLetta({ letta, selector }: Environment, records: Attachments, observer: ApiObserver) {
  const { url, ...limits } = letta
  if (url === undefined) return undefined
  const { createLettaAttachments } = await import('./tool-selection/letta/letta-attachments.ts')
  const { lettaPassword: password, timeoutMs } = selector
  return createLettaAttachments({ url, password, timeoutMs, ...limits, records, observer })
}

// Loaded here, for those who have an endpoint for embeddings alone. Only the worker embeds tools: a one-shot has what that has kept.
async function openSemantics({ environment, listing, observer }: ServiceOptions, tools: ServiceTools) {
  const { configPath, folders, embeddings } = environment
  const { url, timeoutMs: queryTimeoutMs, ...endpoint } = embeddings
  if (url === undefined) return undefined
  const { SemanticSearch } = await import('./tool-selection/embeddings/semantic-search.ts')
  const path = join(folders.cache, 'embeddings', `${fingerprint(configPath)}.bin`)
  const semantics = new SemanticSearch({ url, ...endpoint, queryTimeoutMs, path, observer: observer.embeddings })
  if (listing === 'outdated') {
    semantics.keepUpWith(tools.catalog)
    tools.onChange(() => semantics.keepUpWith(tools.catalog))
  }
  return semantics
}

function openKnownTools(
  { environment, listing, observer, servers }: ServiceOptions,
  configuration: ServerConfiguration,
  changed: () => void,
): OpenCatalog {
  const { listServer, listRest, answered } = servers
  const open = new OpenCatalog({
    ...configuration,
    cacheFolder: environment.folders.cache,
    stateFolder: environment.folders.state,
    listing,
    listServer,
    listRest,
    answered,
    isRunning: (server) => servers.isRunning(server),
    observer: {
      ...observer.catalog,
      serverListed(server, count) {
        observer.catalog.serverListed(server, count)
        changed()
      },
      toolsAccepted(server, count) {
        observer.catalog.toolsAccepted(server, count)
        changed()
      },
    },
  })
  servers.listedIn(open)
  return open
}
