import { join } from 'node:path'
import { SERVER_NAME } from '../shared/contracts/server-name.ts'
import type { ServerStatus, Status } from '../shared/contracts/server-status.ts'
import type { Environment } from '../shared/environment.ts'
import { ServiceError } from '../shared/errors/service-error.ts'
import { VERSION } from '../shared/version.ts'
import { PoolLists, type PoolListsObserver } from './aggregator/pool-lists.ts'
import { loadServerConfiguration, type ServerConfiguration, sourcesOf } from './config/server-configuration.ts'
import type { ServerControl } from './control/worker-control.ts'
import { followLines, readLastLines } from './files/log-reader.ts'
import { notingLifecycle } from './lifecycle-lines.ts'
import type { LoadedConfiguration } from './observability/events.ts'
import type { PoolClient, Session } from './server-pool/client-session.ts'
import { SYSTEM_CLOCK } from './server-pool/clock.ts'
import { ChildSupervision, endLeftovers } from './server-pool/connectors/child-supervision.ts'
import { ErrorLogs } from './server-pool/connectors/error-logs.ts'
import type { IsolationMode } from './server-pool/connectors/isolation.ts'
import { type ConnectorOptions, createConnector } from './server-pool/connectors/open-connection.ts'
import type { Reaped } from './server-pool/connectors/reap-leftovers.ts'
import { OAuthAuthorizer } from './server-pool/connectors/remote/oauth/oauth-authorizer.ts'
import { type ProgramNews, ResolvedPrograms } from './server-pool/connectors/resolved-programs.ts'
import type { PoolObserver } from './server-pool/pool-observer.ts'
import { ResidentMemory } from './server-pool/resident-memory.ts'
import { DEFAULT_SERVER_SETTINGS, type ServerSettings } from './server-pool/server-definition.ts'
import { NO_KNOWLEDGE, type ServerKnowledge } from './server-pool/server-knowledge.ts'
import { type PoolCall, ServerPool } from './server-pool/server-pool.ts'
import type { ServerRow } from './server-pool/server-row.ts'
import type { ServiceServers } from './service.ts'
import { createListRest, createListServer } from './tool-catalog/list-server.ts'
import type { ServersCatalog } from './tool-catalog/open-catalog.ts'
import { NO_ANSWERS } from './tool-catalog/server-answers.ts'
import type { ListRest, ListServer } from './tool-catalog/server-listing.ts'
import type { ToolChanges } from './tool-catalog/tool-changes.ts'
import type { ToolReport } from './tool-catalog/vetted-tools.ts'
import { checkToolIsKnown } from './unknown-tool.ts'

/** What the pool is made from. */
export interface PooledServersOptions {
  readonly environment: Environment
  readonly configuration: ServerConfiguration
  readonly variables: Readonly<Record<string, string | undefined>>
  readonly observer: PooledServersObserver
}

export interface PooledServersObserver {
  pool: PoolObserver
  /** The configuration was read. */
  configurationLoaded(configuration: LoadedConfiguration): void
  /** Processes and containers of workers that were killed have been ended. */
  leftoversEnded(reaped: Reaped): void
  leftoversRemain(reason: unknown): void
  /** An entry that uses a package runner will start without it from here on, or no longer. */
  programNews(news: ProgramNews): void
}

type ConnectorParts = Pick<ConnectorOptions, 'programs' | 'remote'>

/** Where the servers are listed, once that is known. */
interface Listing {
  catalog: ServersCatalog | undefined
  lists: PoolLists | undefined
}

interface Parts extends PooledServersOptions {
  readonly supervision: ChildSupervision
  readonly pool: ServerPool
  readonly listing: Listing
  readonly isolation: IsolationMode
  readonly errorLogs: ErrorLogs
}

/** The configured servers, warm: what the worker's faces ask of them. Disposing ends every server. */
export class PooledServers implements ServerControl, ServiceServers, AsyncDisposable {
  /** Asks a server of the pool for its tools, of the service's own accord. */
  readonly listServer: ListServer
  readonly listRest: ListRest
  readonly answered: NonNullable<ServiceServers['answered']>
  /** Why what lies at the configuration's path is not what is in use, for people; undefined while it is. */
  configurationProblem: string | undefined
  readonly #parts: Parts
  readonly #startedAt = performance.now()
  #configuration: ServerConfiguration

  private constructor(parts: Parts) {
    this.#parts = parts
    this.listServer = createListServer(parts.pool)
    this.listRest = createListRest(parts.pool)
    this.answered = (server) => parts.listing.lists?.listed(server)
    this.#configuration = parts.configuration
  }

  /** Makes the pool. Starts what is to start with the service. */
  static async open(options: PooledServersOptions): Promise<PooledServers> {
    const { environment, configuration, variables, observer } = options
    observer.configurationLoaded(summaryOf(configuration))
    const recordsFolder = join(environment.folders.runtime, 'children')
    const supervision = await ChildSupervision.start({ variables, recordsFolder })
    void endLeftovers({ recordsFolder, variables }, new AbortController().signal).then(
      (reaped) => observer.leftoversEnded(reaped),
      (thrown: unknown) => observer.leftoversRemain(thrown),
    )
    const errorLogs = new ErrorLogs(join(environment.folders.state, `logs${environment.suffix}`))
    const kept = keptIn(environment.folders, observer)
    const connect = createConnector({ variables, supervision, errorLogs, ...kept })
    const memory = new ResidentMemory(() => SYSTEM_CLOCK.now())
    const listing: Listing = { catalog: undefined, lists: undefined }
    const pool = new ServerPool({
      connect,
      clock: SYSTEM_CLOCK,
      random: Math.random,
      observer: notingLifecycle(
        tellingOfLists(observer.pool, listing),
        (server, line) => errorLogs.note(server, line),
        Date.now,
      ),
      memoryMbOf: (connection) => memory.mbOf(connection),
      knowledge: knowledgeOf(listing),
    })
    const isolation = await supervision.mode()
    // Last: nobody hears of a server that is ready before this returns.
    await pool.apply(configuration)
    return new PooledServers({ ...options, supervision, pool, listing, isolation, errorLogs })
  }

  /** What is configured at present. */
  get configuration(): ServerConfiguration {
    return this.#configuration
  }

  configured(): Promise<ServerConfiguration> {
    return Promise.resolve(this.#configuration)
  }

  /** Reads the configuration anew; what is in use is not touched. Rejects with `invalid_configuration`. */
  readConfiguration(): Promise<ServerConfiguration> {
    return loadServerConfiguration(sourcesOf(this.#parts.environment, this.#parts.variables))
  }

  /** Takes on a configuration by its difference; servers are known at once. Resolves when those that had to go are gone. */
  configure(configuration: ServerConfiguration): Promise<void> {
    this.#parts.observer.configurationLoaded(summaryOf(configuration))
    this.#configuration = configuration
    this.#parts.listing.lists?.configured()
    return this.#parts.pool.apply(configuration)
  }

  get configPath(): string {
    return this.#configuration.path
  }

  check(server: string): void {
    this.#parts.pool.row(server)
  }

  isRunning(server: string): boolean {
    return this.#parts.pool.isReady(server)
  }

  whyClosed(): string | undefined {
    return this.#parts.pool.isShuttingDown ? 'The service is shutting down.' : undefined
  }

  listedIn(catalog: ServersCatalog): void {
    this.#parts.listing.catalog = catalog
  }

  /** The lists of prompts, resources and templates that the servers have, which are told of from now on. */
  openLists(observer: PoolListsObserver): PoolLists {
    const { pool, listing } = this.#parts
    const servers = () => this.#configuration.servers
    const answersOf = (server: string) => listing.catalog?.answersOf(server) ?? NO_ANSWERS
    const isHopeless = (server: string) => listing.catalog?.isSkipped(server) ?? false
    listing.lists = new PoolLists({ observer, servers, pool, answersOf, isHopeless, clock: SYSTEM_CLOCK })
    return listing.lists
  }

  connect(server: string, client: PoolClient): Session {
    return this.#parts.pool.connect(server, client)
  }

  row(server: string): ServerStatus {
    return this.#toStatus(this.#parts.pool.row(server))
  }

  async start(server: string): Promise<ServerStatus> {
    return this.#toStatus(await this.#parts.pool.start(server))
  }

  async stop(server: string): Promise<ServerStatus> {
    return this.#toStatus(await this.#parts.pool.stop(server))
  }

  async restart(server: string): Promise<ServerStatus> {
    return this.#toStatus(await this.#parts.pool.restart(server))
  }

  async askForTools(server: string): Promise<void> {
    this.check(server)
    await this.#parts.listing.catalog?.askForTools(server)
  }

  async acceptTools(server: string): Promise<ServerStatus> {
    const { pool, listing } = this.#parts
    pool.row(server)
    if (listing.catalog === undefined) {
      throw new ServiceError('server_unavailable', `server "${server}": its tools are not known yet.`)
    }
    await listing.catalog.acceptTools(server)
    pool.toolsChanged(server)
    return this.row(server)
  }

  async lastLines(server: string, count: number): Promise<string[]> {
    return readLastLines(this.#logOf(server), count)
  }

  followLines(server: string, count: number, signal: AbortSignal): AsyncIterable<string[]> {
    return followLines(this.#logOf(server), count, signal)
  }

  async execute(server: string, call: PoolCall, signal: AbortSignal): Promise<Buffer> {
    const { pool, listing } = this.#parts
    // Of what is withheld the pool says so.
    if (!this.isWithheld(server, call.tool)) checkToolIsKnown(server, call.tool, listing.catalog?.toolNames(server))
    return pool.call(server, call, signal)
  }

  /** Whether a tool must not be called, as the pool says to who does. */
  isWithheld(server: string, tool: string): boolean {
    return this.#parts.listing.catalog?.whyWithheld(server, tool) !== undefined
  }

  maxMessageBytes(server: string): number {
    return this.#settingsOf(server).maxMessageBytes
  }

  /** The largest text of one result of a server that a client of all servers is given at once, in bytes; 0 for any. */
  maxResultBytes(server: string): number {
    return this.#settingsOf(server).maxResultBytes
  }

  /** The largest message that any server takes, in bytes. */
  largestMessageBytes(): number {
    const { servers } = this.#configuration
    return Math.max(DEFAULT_SERVER_SETTINGS.maxMessageBytes, ...servers.map(({ maxMessageBytes }) => maxMessageBytes))
  }

  status(): Status {
    const rows = this.#parts.pool.rows()
    return {
      service: {
        version: VERSION,
        pid: process.pid,
        uptime_s: Math.floor((performance.now() - this.#startedAt) / 1_000),
        config_path: this.#configuration.path,
        config_problem: this.configurationProblem ?? null,
        isolation: this.#parts.isolation,
        counts: {
          servers: rows.length,
          running: rows.filter(({ instances }) => instances > 0).length,
          clients: rows.reduce((sum, { clients }) => sum + clients, 0),
          in_flight: rows.reduce((sum, { inFlight }) => sum + inFlight, 0),
        },
      },
      servers: rows.map((row) => this.#toStatus(row)),
    }
  }

  #toStatus(row: ServerRow): ServerStatus {
    return toStatus(row, this.#parts.listing.catalog?.reportOf(row.name))
  }

  #settingsOf(server: string): ServerSettings {
    return this.#configuration.servers.find(({ name }) => name === server) ?? DEFAULT_SERVER_SETTINGS
  }

  #logOf(server: string): string {
    const { name, why } = this.#parts.pool.row(server)
    // It stands in a path, and may be one that no server can have.
    if (!SERVER_NAME.test(name)) {
      throw new ServiceError('server_unavailable', `server ${JSON.stringify(name)}: ${why}`)
    }
    return this.#parts.errorLogs.pathOf(name)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.pool[Symbol.asyncDispose]()
    await this.#parts.supervision[Symbol.asyncDispose]()
  }
}

function tellingOfLists(observer: PoolObserver, listing: Listing): PoolObserver {
  return {
    ...observer,
    serverReady(server, details) {
      observer.serverReady(server, details)
      listing.catalog?.serverStarted(server)
      listing.lists?.started(server)
    },
    listChanged(server, list) {
      observer.listChanged(server, list)
      // The catalogue first: it must not be asked any more for what the lists are to hold.
      listing.catalog?.listChanged(server, list)
      listing.lists?.changed(server, list)
    },
  }
}

function knowledgeOf(listing: Listing): ServerKnowledge {
  // Before there is a catalogue, clients wait for servers to be asked.
  const known = () => listing.catalog ?? NO_KNOWLEDGE
  return {
    recall: (server, method) => known().recall(server, method),
    whyWithheld: (server, tool) => known().whyWithheld(server, tool),
    withheldAmong: (server, listed) => known().withheldAmong(server, listed),
    seenToHold: (definition) => known().seenToHold(definition),
    sawHolding: (definition, held) => known().sawHolding(definition, held),
  }
}

function keptIn({ state, cache }: Environment['folders'], observer: PooledServersObserver): ConnectorParts {
  const loginFolder = join(state, 'logins')
  const report = (news: ProgramNews) => observer.programNews(news)
  return {
    programs: new ResolvedPrograms({ folder: join(cache, 'programs'), now: Date.now, report }),
    remote: { authorizerOf: (definition) => new OAuthAuthorizer(definition, { loginFolder }) },
  }
}

function summaryOf({ path, exists, servers, warnings }: ServerConfiguration): LoadedConfiguration {
  return { path, exists, servers: servers.length, warnings }
}

function toStatus(row: ServerRow, report: ToolReport | undefined): ServerStatus {
  const { name, state, why, next, instances, clients, calls, restarts } = row
  return {
    name,
    state,
    since: toText(row.since),
    why,
    next,
    pid: row.processId ?? null,
    instances,
    clients,
    max_clients: row.maxClients,
    in_flight: row.inFlight,
    calls,
    restarts,
    last_used: row.lastUsedAt === undefined ? null : toText(row.lastUsedAt),
    memory_mb: row.memoryMb ?? null,
    withheld: (report?.withheld ?? []).map(({ name: tool, reason }) => ({ tool, reason })),
    tools_changed: toChanges(report?.changes),
    hidden_characters: [...(report?.hidden ?? [])],
  }
}

function toChanges(changes: ToolChanges | undefined): ServerStatus['tools_changed'] {
  if (changes === undefined) return null
  const { changed, added, removed } = changes
  return { changed: [...changed], added: [...added], removed: [...removed] }
}

function toText(ms: number): string {
  return new Date(ms).toISOString()
}
