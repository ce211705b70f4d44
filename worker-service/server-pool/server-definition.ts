interface CommonDefinition {
  /** The key in `mcpServers`: `^[A-Za-z0-9_.-]{1,40}$`. */
  name: string
  startTimeoutMs: number
  /** The largest single message in either direction, in bytes. */
  maxMessageBytes: number
  /** Globs over tool names; empty lists restrict nothing. */
  includeTools: string[]
  excludeTools: string[]
  pinnedTools: string[]
}

/** An MCP server that runs as a child process and speaks newline-delimited JSON-RPC over its pipes. */
export interface StdioServerDefinition extends CommonDefinition {
  transport: 'stdio'
  command: string
  args: string[]
  env: Record<string, string>
  cwd: string | undefined
}

/** An MCP server reached over HTTP: Streamable HTTP, or the older server-sent events. */
export interface RemoteServerDefinition extends CommonDefinition {
  transport: 'http' | 'sse'
  url: string
  headers: Record<string, string>
}

/** One entry of the configuration, complete and checked, variables expanded. */
export type ServerDefinition = StdioServerDefinition | RemoteServerDefinition
