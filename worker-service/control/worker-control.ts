import type { Health, Readiness } from '../../shared/contracts/health.ts'
import type { SearchResult } from '../../shared/contracts/selector-api.ts'
import type { ServerStatus, Status } from '../../shared/contracts/server-status.ts'
import type { PoolClient, Session } from '../server-pool/client-session.ts'
import type { PoolCall } from '../server-pool/server-pool.ts'
import type { ToolDefinition } from '../tool-catalog/tool-catalog.ts'
import type { FindTools } from '../tool-selection/find-tools.ts'
import type { SelectorCheck } from '../tool-selection/tool-selector.ts'

/** Finding tools, and how the service is. */
export interface FindToolsService {
  findTools: FindTools
  search(query: string, limit: number, signal: AbortSignal): Promise<SearchResult[]>
  checkSelector(signal: AbortSignal): Promise<SelectorCheck>
  health(): Health
  readiness(signal: AbortSignal): Promise<Readiness>
}

/** The configured servers. */
export interface ServerControl {
  /** The absolute path of the configuration that names them. */
  readonly configPath: string
  status(): Status
  /** One of them. Throws `unknown_server`. */
  row(server: string): ServerStatus
  /** Starts a server, or joins its start. Resolves with its row; rejects with why it could not. */
  start(server: string): Promise<ServerStatus>
  /** Stops a server once its calls are finished. */
  stop(server: string): Promise<ServerStatus>
  /** Stops a server once its calls are finished, and starts it. */
  restart(server: string): Promise<ServerStatus>
  /** The last lines of a server's error output, and of what became of it, oldest first. Rejects with `unknown_server`. */
  lastLines(server: string, count: number): Promise<string[]>
  /** The same, and then those that are added, some at a time, until the signal aborts. Throws `unknown_server`. */
  followLines(server: string, count: number, signal: AbortSignal): AsyncIterable<string[]>
  /** Resolves when a server of which no tools are known has been asked for them, for which it is started. Rejects with `unknown_server`. */
  askForTools(server: string): Promise<void>
  /** Accepts the tools that a server lists now, whatever they were before. Throws `server_unavailable` where they are not known. */
  acceptTools(server: string): Promise<ServerStatus>
  /** Calls a tool once; resolves with its result object, JSON text as the server sent it. Rejects with a ServiceError. */
  execute(server: string, call: PoolCall, signal: AbortSignal): Promise<Buffer>
  /** Opens a client's way to a server. Throws `unknown_server`, `server_unavailable` or `overloaded`. */
  connect(server: string, client: PoolClient): Session
  /** The largest message that a server takes, in bytes; whatever is usual where there is none of this name. */
  maxMessageBytes(server: string): number
}

/** All servers as one, for MCP clients. */
export interface AllServers {
  connect(client: PoolClient): Session
  /** The largest message that any of them takes, in bytes. */
  maxMessageBytes(): number
}

/** All that the worker can be asked, whichever face it is asked through. */
export interface WorkerControl extends FindToolsService {
  servers: ServerControl
  allServers: AllServers
  /** The tools of a server, as far as they are known; starts nothing. Throws `server_unavailable` where they are not. */
  toolsOf(server: string): readonly ToolDefinition[]
  /** The same, each as JSON text as the server sent it. */
  toolTextsOf(server: string): readonly string[]
  /** Has the worker finish what is in flight and end. */
  shutDown(): void
}
