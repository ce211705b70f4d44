import { METHOD_NOT_FOUND } from '../../shared/errors/json-rpc-code.ts'
import { ServiceError } from '../../shared/errors/service-error.ts'
import { isJsonObject } from '../../shared/json-object.ts'
import { VERSION } from '../../shared/version.ts'
import type { ServerListing } from '../tool-catalog/server-listing.ts'
import type { Connection, Connector } from './connectors/connector.ts'
import { JsonRpcPeer } from './json-rpc-peer.ts'
import { RefusedRequest } from './refused-request.ts'
import type { ServerDefinition } from './server-definition.ts'
import { readTools } from './tool-list.ts'

/** The MCP revision we ask for; a server answers with the one it speaks. */
const PROTOCOL_VERSION = '2025-11-25'
const MAX_PAGES = 1_000
const MAX_TOOLS = 20_000

/** What a server says of itself. `description` is what it calls its instructions. */
interface ServerIntroduction {
  title: string | undefined
  description: string | undefined
}

/** Starts the server of a definition and introduces us. Rejects with a ServiceError that names the server, or the signal's reason. */
export async function openSession(
  definition: ServerDefinition,
  connect: Connector,
  signal: AbortSignal,
): Promise<ServerSession> {
  const connection = await connect(definition, signal)
  try {
    const peer = new JsonRpcPeer(definition.name, connection)
    const introduction = await initialize(definition, peer, signal)
    return new ServerSession(definition, { connection, peer, introduction })
  } catch (thrown) {
    await connection[Symbol.asyncDispose]()
    throw thrown
  }
}

/** A server that was introduced to us and takes requests. Disposing it ends the server. */
export class ServerSession implements AsyncDisposable {
  readonly #definition: ServerDefinition
  readonly #connection: Connection
  readonly #peer: JsonRpcPeer
  readonly #introduction: ServerIntroduction

  constructor(
    definition: ServerDefinition,
    parts: { connection: Connection; peer: JsonRpcPeer; introduction: ServerIntroduction },
  ) {
    this.#definition = definition
    this.#connection = parts.connection
    this.#peer = parts.peer
    this.#introduction = parts.introduction
  }

  /** Lines from the server that were no JSON-RPC messages and were skipped. */
  get skippedLines(): number {
    return this.#peer.skippedLines
  }

  /** Sends one request and resolves with its result as it came. Rejects as `JsonRpcPeer.request` does. */
  request(method: string, params: unknown, signal: AbortSignal): Promise<unknown> {
    return this.#peer.request(method, params, signal)
  }

  /** Calls a tool once and resolves with the server's own result object. */
  async callTool(name: string, args: Record<string, unknown>, signal: AbortSignal): Promise<Record<string, unknown>> {
    const result = await this.request('tools/call', { name, arguments: args }, signal)
    if (isJsonObject(result)) return result
    throw this.#unusable(`its result of ${JSON.stringify(name)} is not an object`)
  }

  /** Lists the server's tools, all pages of them. */
  async listTools(signal: AbortSignal): Promise<ServerListing> {
    return { ...this.#introduction, ...readTools(await this.#listPages(signal)) }
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#connection[Symbol.asyncDispose]()
  }

  async #listPages(signal: AbortSignal): Promise<unknown[]> {
    const tools: unknown[] = []
    const cursors = new Set<string>()
    let cursor: string | undefined
    do {
      const page = await this.#listPage(cursor, signal)
      tools.push(...page.tools)
      cursor = page.nextCursor
      if (cursor === undefined) return tools
      if (cursors.has(cursor)) throw this.#unusable('its list of tools never ends: a cursor came twice')
      cursors.add(cursor)
    } while (cursors.size < MAX_PAGES && tools.length <= MAX_TOOLS)
    throw this.#unusable(`its list of tools has over ${MAX_PAGES} pages or ${MAX_TOOLS} tools`)
  }

  async #listPage(cursor: string | undefined, signal: AbortSignal) {
    const result = await this.request('tools/list', cursor === undefined ? {} : { cursor }, signal).catch(noTools)
    if (!isJsonObject(result) || !Array.isArray(result.tools)) throw this.#unusable('its list of tools is not a list')
    const { tools, nextCursor } = result as { tools: unknown[]; nextCursor?: unknown }
    return { tools, nextCursor: typeof nextCursor === 'string' ? nextCursor : undefined }
  }

  #unusable(reason: string): ServiceError {
    return new ServiceError('server_unavailable', `server "${this.#definition.name}": ${reason}.`)
  }
}

// A server of prompts or resources alone need not know the method.
function noTools(thrown: unknown): { tools: unknown[] } {
  if (thrown instanceof RefusedRequest && thrown.rpcCode === METHOD_NOT_FOUND) return { tools: [] }
  throw thrown
}

async function initialize(
  definition: ServerDefinition,
  peer: JsonRpcPeer,
  signal: AbortSignal,
): Promise<ServerIntroduction> {
  const { name, startTimeoutMs } = definition
  const late = AbortSignal.timeout(startTimeoutMs)
  const params = {
    protocolVersion: PROTOCOL_VERSION,
    capabilities: {},
    clientInfo: { name: 'pilotlight', version: VERSION },
  }
  try {
    const result = await peer.request('initialize', params, AbortSignal.any([signal, late]))
    const introduction = readIntroduction(result)
    if (introduction === undefined) {
      throw new ServiceError('server_unavailable', `server "${name}": its answer to initialize is not one.`)
    }
    peer.notify('notifications/initialized')
    return introduction
  } catch (thrown) {
    if (late.aborted && !signal.aborted) throw tooLate(definition, peer)
    throw startFailed(thrown)
  }
}

function readIntroduction(result: unknown): ServerIntroduction | undefined {
  if (!isJsonObject(result) || typeof result.protocolVersion !== 'string') return undefined
  const serverInfo = isJsonObject(result.serverInfo) ? result.serverInfo : {}
  return { title: textOf(serverInfo.title), description: textOf(result.instructions) }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function tooLate({ name, startTimeoutMs }: ServerDefinition, peer: JsonRpcPeer): ServiceError {
  const remedy = `Raise its "startTimeoutMs" if it needs longer.${peer.quoteLastLines()}`
  return new ServiceError('timeout', `server "${name}": it did not start within ${startTimeoutMs} ms. ${remedy}`)
}

// A connection that was never used has not closed: the server did not start.
function startFailed(thrown: unknown): unknown {
  if (!(ServiceError.is(thrown) && thrown.code === 'connection_closed')) return thrown
  return new ServiceError('server_unavailable', thrown.message, { cause: thrown })
}
