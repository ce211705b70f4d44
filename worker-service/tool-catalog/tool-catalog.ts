/** A tool as its server lists it: every member kept as sent. `inputSchema` is JSON Schema. */
export interface ToolDefinition {
  name: string
  title?: string | undefined
  description?: string | undefined
  inputSchema: Record<string, unknown>
  [member: string]: unknown
}

/** A server whose tools are known. `title` and `description` come from its initialize result (`serverInfo.title`, `instructions`). */
export interface ListedServer {
  name: string
  title: string | undefined
  description: string | undefined
  /** In the order the server lists them. */
  tools: ToolDefinition[]
}

/** What can be found: the tools of every configured server that was ever listed, whether it runs now or not. */
export interface ToolCatalog {
  /** Grows with every change; an index built from an older revision is stale. */
  readonly revision: number
  /** The same in every process for the same servers with the same tools: what is made of them is kept under it. */
  readonly fingerprint: string
  /** Known servers, in the order configured. */
  servers(): readonly ListedServer[]
  /** Servers of which no tools are known because they could not be listed, and why: the reason, without the server's name. */
  skipped(): ReadonlyMap<string, string>
  /** Servers that were neither listed nor skipped yet. */
  pending(): readonly string[]
  /** Whether there are none of these. */
  readonly isSettled: boolean
  /** Resolves when it is; rejects with the signal's reason. */
  settled(signal: AbortSignal): Promise<void>
}
