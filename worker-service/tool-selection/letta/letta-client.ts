import { isJsonObject } from '../../../shared/json-object.ts'
import { ApiClient, type ApiClientOptions } from '../upstream/api-client.ts'
import { replyFailure } from '../upstream/api-failure.ts'
import { type ApiSite, resolveApiSite } from '../upstream/api-site.ts'
import type { ApiReply, ApiRequest } from '../upstream/exchange.ts'
import { readReply } from '../upstream/json-reply.ts'

/** A tool as Letta knows it. */
export interface LettaTool {
  id: string
  name: string
  /** Whether it is a tool of an MCP server, and not one of Letta's own or of its users. */
  isMcp: boolean
  /** The MCP server it was registered from, by the name that Letta knows it under. */
  server: string | undefined
}

/** How Letta is reached. */
export interface LettaSiteOptions {
  /** With or without the `/v1` that its API stands under. */
  url: string
  password: string | undefined
}

/** Where Letta's API is, and what it is told of us. Throws `invalid_configuration` for what cannot be sent. */
export function resolveLettaSite({ url, password }: LettaSiteOptions): ApiSite {
  const variables = { url: 'LETTA_API_URL', secret: 'LETTA_PASSWORD' }
  const said = { secret: password, variable: variables.secret }
  return resolveApiSite({
    name: 'Letta',
    variables,
    baseUrl: url.replace(/\/v1\/*$/, ''),
    // A server of one's own with a password takes either; its cloud takes a key as the first.
    credentials: [
      { header: 'authorization', scheme: 'Bearer', ...said },
      { header: 'x-bare-password', scheme: 'password', ...said },
    ],
  })
}

// Letta's mark for tools that were registered from an MCP server, and the tag that names it.
const MCP_TOOL_TYPE = 'external_mcp'
const SERVER_TAG = 'mcp:'

/** Asks Letta about the tools of its agents, and changes them. Every method throws an ApiFailure, or the signal's reason. */
export class LettaClient implements AsyncDisposable {
  readonly #site: ApiSite
  readonly #client: ApiClient

  constructor(options: ApiClientOptions) {
    this.#site = options.site
    this.#client = new ApiClient(options)
  }

  /** The tools attached to an agent. */
  toolsOf(agent: string, signal: AbortSignal): Promise<LettaTool[]> {
    const read = (reply: ApiReply) => {
      if (reply.status === 404) throw replyFailure(this.#site, `knows no agent ${JSON.stringify(agent)}.`)
      return this.#readTools(reply)
    }
    return this.#client.call(this.#request('GET', agentPath(agent)), read, signal)
  }

  /** The tool of an MCP server, registered from it where Letta does not know it yet. */
  async toolOf(server: string, name: string, signal: AbortSignal): Promise<LettaTool> {
    const byName = this.#request('GET', `/v1/tools/?name=${encodeURIComponent(name)}`)
    const known = await this.#client.call(byName, (reply) => this.#readTools(reply), signal)
    const same = known.find((tool) => tool.isMcp && tool.name === name && tool.server === server)
    return same ?? this.#register(server, name, signal)
  }

  async attach(agent: string, toolId: string, signal: AbortSignal): Promise<void> {
    await this.#client.call(this.#change('attach', agent, toolId), (reply) => readReply(reply, this.#site), signal)
  }

  /** Detaching what is not attached is no failure. */
  async detach(agent: string, toolId: string, signal: AbortSignal): Promise<void> {
    const read = (reply: ApiReply) => (reply.status === 404 ? undefined : readReply(reply, this.#site))
    await this.#client.call(this.#change('detach', agent, toolId), read, signal)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#client[Symbol.asyncDispose]()
  }

  // Registering what is registered gives the same tool again, so that a lost connection may be tried once more.
  #register(server: string, name: string, signal: AbortSignal): Promise<LettaTool> {
    const post = this.#request(
      'POST',
      `/v1/tools/mcp/servers/${encodeURIComponent(server)}/${encodeURIComponent(name)}`,
    )
    const read = (reply: ApiReply) => this.#readTool(readReply(reply, this.#site))
    return this.#client.call(post, read, signal)
  }

  #change(change: 'attach' | 'detach', agent: string, toolId: string): ApiRequest {
    return this.#request('PATCH', `${agentPath(agent)}/${change}/${encodeURIComponent(toolId)}`)
  }

  #request(method: ApiRequest['method'], path: string): ApiRequest {
    const { basePath, headers } = this.#site
    return { method, path: basePath + path, headers }
  }

  #readTools(reply: ApiReply): LettaTool[] {
    const tools = readReply(reply, this.#site)
    if (!Array.isArray(tools)) throw replyFailure(this.#site, 'answered with something other than a list of tools.')
    return tools.map((tool) => this.#readTool(tool))
  }

  #readTool(tool: unknown): LettaTool {
    if (!isJsonObject(tool) || typeof tool.id !== 'string' || typeof tool.name !== 'string') {
      throw replyFailure(this.#site, 'answered with a tool that has no id or no name.')
    }
    const tags: unknown[] = Array.isArray(tool.tags) ? tool.tags : []
    const tag = tags.find((one) => typeof one === 'string' && one.startsWith(SERVER_TAG))
    return {
      id: tool.id,
      name: tool.name,
      isMcp: tool.tool_type === MCP_TOOL_TYPE,
      server: typeof tag === 'string' ? tag.slice(SERVER_TAG.length) : undefined,
    }
  }
}

function agentPath(agent: string): string {
  return `/v1/agents/${encodeURIComponent(agent)}/tools`
}
