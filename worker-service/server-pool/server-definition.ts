/** For whom one process of a server is: for all clients, for one client each, for one working directory each; `auto` finds out. */
export type Sharing = 'auto' | 'all' | 'client' | 'project'

/** How a server that crashes is started again. All but `maxCrashes` in milliseconds. */
export interface RestartSettings {
  /** The longest wait before the first restart; each further one doubles it, up to `maxDelayMs`. */
  minDelayMs: number
  maxDelayMs: number
  /** So long must a server run for its crashes before to be forgiven. */
  stableAfterMs: number
  /** So many crashes within `crashWindowMs` make it failed; it is then tried once each `probeEveryMs`. */
  maxCrashes: number
  crashWindowMs: number
  probeEveryMs: number
}

/** What can be said of a server whatever its transport. */
export interface ServerSettings {
  /** Whether to start with the service instead of on first use. */
  autoStart: boolean
  /** A server unused for so long is stopped; 0 stops it as soon as nothing is in flight. */
  keepAliveMs: number
  /** How many clients may have it open at once. */
  maxClients: number
  share: Sharing
  startTimeoutMs: number
  /** How long one call may take without progress. */
  callTimeoutMs: number
  restart: RestartSettings
  /** How often an idle server is asked for a sign of life; 0 never. */
  heartbeatMs: number
  /** The largest single message in either direction, in bytes. */
  maxMessageBytes: number
  /** The largest text of one tool's result that a client of all servers is given at once, in bytes; 0 for any. */
  maxResultBytes: number
  /** Above this its process is restarted as soon as it is idle, in MB of resident memory. */
  maxMemoryMb: number | undefined
  /** What happens to tools that are not as they were accepted: served and flagged, withheld, or served. */
  onToolChange: 'warn' | 'block' | 'off'
  /** Globs over tool names; empty lists restrict nothing. */
  includeTools: string[]
  excludeTools: string[]
  pinnedTools: string[]
}

/** What holds for a server unless its configuration says otherwise. */
export const DEFAULT_SERVER_SETTINGS: Readonly<ServerSettings> = {
  autoStart: false,
  keepAliveMs: 5 * 60_000,
  maxClients: 5,
  share: 'auto',
  startTimeoutMs: 30_000,
  callTimeoutMs: 60_000,
  restart: {
    minDelayMs: 100,
    maxDelayMs: 30_000,
    stableAfterMs: 10_000,
    maxCrashes: 5,
    crashWindowMs: 60_000,
    probeEveryMs: 30_000,
  },
  heartbeatMs: 30_000,
  maxMessageBytes: 8 * 1024 * 1024,
  // About 32,000 tokens: more than most clients let into a context.
  maxResultBytes: 128 * 1024,
  maxMemoryMb: undefined,
  onToolChange: 'warn',
  includeTools: [],
  excludeTools: [],
  pinnedTools: [],
}

/** What holds for all servers together. */
export interface PoolLimits {
  /** How many servers may live at once. */
  maxSize: number
}

/** The limits where nothing else is configured. */
export const DEFAULT_POOL_LIMITS: Readonly<PoolLimits> = { maxSize: 10 }

interface CommonDefinition extends ServerSettings {
  /** The key in `mcpServers`, as `SERVER_NAME` allows it. */
  name: string
}

/** An MCP server that runs as a child process and speaks newline-delimited JSON-RPC over its pipes. */
export interface StdioServerDefinition extends CommonDefinition {
  transport: 'stdio'
  command: string
  args: string[]
  env: Record<string, string>
  cwd: string | undefined
}

/** How we log in to a remote server by OAuth, where that is not left to what the server and we find out. */
export interface OAuthSettings {
  /** The client we are registered as; without it we register ourselves. */
  clientId?: string | undefined
  clientSecret?: string | undefined
  /** A private key (PKCS #8 as PEM) that stands for the secret, and its algorithm (`ES256`, `RS256`, …). */
  privateKey?: string | undefined
  algorithm?: string | undefined
  /** Who may see the secret: the URL of the authorization server. Without it, the first one that takes it. */
  issuer?: string | undefined
  /** The https URL of a document that describes us to servers that read such documents. */
  clientMetadataUrl?: string | undefined
  scope?: string | undefined
  /** Whether somebody logs in, or the client itself does. */
  grant?: 'authorization_code' | 'client_credentials' | undefined
}

/** An MCP server reached over HTTP: Streamable HTTP, or the older server-sent events. */
export interface RemoteServerDefinition extends CommonDefinition {
  transport: 'http' | 'sse'
  url: string
  headers: Record<string, string>
  oauth?: OAuthSettings
}

/** One entry of the configuration, complete and checked, variables expanded. */
export type ServerDefinition = StdioServerDefinition | RemoteServerDefinition
