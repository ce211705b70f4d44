import type { InitializeResult, ListToolsResult, RequestId } from '@modelcontextprotocol/sdk/types.js'
import { FIND_TOOLS_NAME } from '../shared/contracts/find-tools-fields.ts'
import {
  type CatalogSummary,
  type FindToolsReply,
  findToolsTool,
  refuseWithoutQuery,
  toToolResult,
} from '../shared/contracts/find-tools-tool.ts'
import { INSTRUCTIONS, SERVER_INFO } from '../shared/contracts/greeting.ts'
import {
  INTERNAL_ERROR,
  INVALID_PARAMS,
  INVALID_REQUEST,
  JSON_RPC_BY_CODE,
  METHOD_NOT_FOUND,
} from '../shared/errors/json-rpc-code.ts'
import { isJsonObject } from '../shared/json-object.ts'
import type { SplitLine } from '../shared/line-splitter.ts'
import { errorFrame, type Params, RpcError, readFrame, resultFrame } from './json-rpc.ts'
import type { StderrLog } from './stderr-log.ts'

/** What a {@link Front} speaks through and asks. */
export interface FrontOptions {
  /** Sends one frame, without its newline. */
  send: (frame: string) => void
  /** Answers find_tools; `input` is the arguments as JSON text. Rejects only with the signal's reason. */
  findTools: (input: string, signal: AbortSignal) => Promise<FindToolsReply>
  catalog: { summary(): Promise<CatalogSummary | undefined> }
  /** The highest `limit` of find_tools. */
  maxLimit: number
  log: StderrLog
}

const LATEST_PROTOCOL_VERSION = '2025-11-25'
const PROTOCOL_VERSIONS: readonly unknown[] = ['2024-11-05', '2025-03-26', '2025-06-18', LATEST_PROTOCOL_VERSION]

/** The MCP server a client talks to: reads its frames and answers each request exactly once, unless the client cancels it. */
export class Front {
  readonly #options: FrontOptions
  readonly #inFlight = new Map<RequestId, AbortController>()
  readonly #answers = new Set<Promise<void>>()
  #initialized = false
  /** The client holds a list that it has not been told to renew. */
  #listGiven = false

  constructor(options: FrontOptions) {
    this.#options = options
  }

  /** Takes one line from the client. */
  receive(line: SplitLine): void {
    if (line.kind === 'too-long')
      return this.#refuse(null, new RpcError(JSON_RPC_BY_CODE.too_large, 'The message is too large.'))
    const frame = readFrame(line.bytes)
    switch (frame.kind) {
      case 'request':
        return this.#onRequest(frame.id, frame.method, frame.params)
      case 'notification':
        return this.#onNotification(frame.method, frame.params)
      case 'bad':
        return this.#refuse(frame.id, frame.error)
      case 'ignored':
    }
  }

  /** Tells a client that has listed the tools that their description is another now. */
  catalogChanged(): void {
    if (!this.#listGiven) return
    this.#listGiven = false
    this.#options.send('{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}')
  }

  /** Resolves when every request received so far is answered. */
  async drained(): Promise<void> {
    await Promise.all(this.#answers)
  }

  /** Abandons every request in flight; none of them is answered. */
  close(): void {
    for (const controller of this.#inFlight.values()) controller.abort()
  }

  #onRequest(id: RequestId, method: string, params: Params): void {
    if (this.#inFlight.has(id)) {
      return this.#refuse(id, new RpcError(INVALID_REQUEST, 'A request with this id is still in flight.'))
    }
    const controller = new AbortController()
    this.#inFlight.set(id, controller)
    const answered = this.#respond(id, method, params, controller).finally(() => this.#answers.delete(answered))
    this.#answers.add(answered)
  }

  async #respond(id: RequestId, method: string, params: Params, { signal }: AbortController): Promise<void> {
    const frame = await this.#frameFor(id, () => this.#resultOf(method, params, signal))
    // A cancelled request is not answered, and its id may be another's by now.
    if (signal.aborted) return
    this.#inFlight.delete(id)
    this.#options.send(frame)
  }

  async #frameFor(id: RequestId, result: () => string | Promise<string>): Promise<string> {
    try {
      return resultFrame(id, await result())
    } catch (thrown) {
      return errorFrame(id, this.#toRpcError(thrown))
    }
  }

  #resultOf(method: string, params: Params, signal: AbortSignal): string | Promise<string> {
    switch (method) {
      case 'ping':
        return '{}'
      case 'initialize':
        return this.#initialize(params)
      case 'tools/list':
        this.#requireInitialized()
        return this.#listTools(params)
      case 'tools/call':
        this.#requireInitialized()
        return this.#callTool(params, signal)
      default:
        throw new RpcError(METHOD_NOT_FOUND, `Method not found: ${method}`)
    }
  }

  #requireInitialized(): void {
    if (!this.#initialized) throw new RpcError(INVALID_REQUEST, 'Send initialize first.')
  }

  #initialize(params: Params): string {
    this.#initialized = true
    const asked = params?.protocolVersion
    return JSON.stringify({
      protocolVersion: PROTOCOL_VERSIONS.includes(asked) ? (asked as string) : LATEST_PROTOCOL_VERSION,
      capabilities: { tools: { listChanged: true } },
      serverInfo: SERVER_INFO,
      instructions: INSTRUCTIONS,
    } satisfies InitializeResult)
  }

  async #listTools(params: Params): Promise<string> {
    if (params?.cursor !== undefined) throw new RpcError(INVALID_PARAMS, 'Unknown cursor: the list has one page.')
    const { catalog, maxLimit } = this.#options
    const summary = await catalog.summary()
    this.#listGiven = true
    return JSON.stringify({ tools: [findToolsTool(maxLimit, summary)] } satisfies ListToolsResult)
  }

  async #callTool(params: Params, signal: AbortSignal): Promise<string> {
    const { name, arguments: input = {} } = params ?? {}
    if (typeof name !== 'string') throw new RpcError(INVALID_PARAMS, 'The name of the tool is missing.')
    if (name !== FIND_TOOLS_NAME) throw new RpcError(INVALID_PARAMS, `Unknown tool: ${name}`)
    if (!isJsonObject(input)) throw new RpcError(INVALID_PARAMS, 'The arguments are not an object.')
    const refusal = refuseWithoutQuery(input)
    if (refusal !== undefined) return refusal
    return toToolResult(await this.#options.findTools(JSON.stringify(input), signal))
  }

  #onNotification(method: string, params: Params): void {
    if (method !== 'notifications/cancelled') return
    const id = params?.requestId as RequestId
    this.#inFlight.get(id)?.abort()
    this.#inFlight.delete(id)
  }

  #refuse(id: RequestId | null, error: RpcError): void {
    this.#options.send(errorFrame(id, error))
  }

  #toRpcError(thrown: unknown): RpcError {
    if (thrown instanceof RpcError) return thrown
    if (!isAbort(thrown))
      this.#options.log.line(`unexpected: ${thrown instanceof Error ? thrown.stack : String(thrown)}`)
    return new RpcError(INTERNAL_ERROR, 'An unexpected error occurred.')
  }
}

function isAbort(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.name === 'AbortError'
}
