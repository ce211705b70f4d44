import { Client as ClientV2, StreamableHTTPClientTransport as HttpTransportV2 } from '@modelcontextprotocol/client'
import { StdioClientTransport as StdioTransportV2 } from '@modelcontextprotocol/client/stdio'
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport as StdioTransportV1 } from '@modelcontextprotocol/sdk/client/stdio.js'
import { StreamableHTTPClientTransport as HttpTransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import type { Message } from './fake-servers.ts'
import { SocketTransport } from './socket-transport.ts'

/** The official clients. The later one speaks as the earlier does, or finds out first what a server speaks. */
export const GENERATIONS = ['v1', 'v2 legacy', 'v2 auto'] as const

/** One of {@link GENERATIONS}. */
export type Generation = (typeof GENERATIONS)[number]

/** Where a server is met: a program to start, a URL, or a socket with what is written on it first. */
export type Meeting =
  | { readonly command: string; readonly args: string[]; readonly env: Record<string, string> }
  | { readonly url: URL; readonly headers: Record<string, string> }
  | { readonly socketPath: string; readonly introduction?: string }

/** What all transports have that is watched here. */
interface WatchedTransport {
  onmessage?: ((message: never, extra?: never) => void) | undefined
  onclose?: (() => void) | undefined
  send: (message: never, options?: never) => Promise<void>
}

/** What is used of both generations of clients. */
interface OfficialClient {
  connect(): Promise<void>
  listTools(): Promise<unknown>
  callTool(params: { name: string; arguments: Record<string, unknown> }): Promise<unknown>
  close(): Promise<void>
}

const CLIENT_INFO = { name: 'official', version: '1.0.0' }

/** An official MCP client. What passes between it and the server is counted. */
export class OfficialCaller implements AsyncDisposable {
  readonly #client: OfficialClient
  /** The methods of the requests in flight. */
  readonly #open = new Map<unknown, string>()
  #lastList = ''
  #isClosing = false
  /** Answers that came to no request in flight. */
  unasked = 0
  /** How often it was told that the list of tools has changed. */
  toolChanges = 0
  /** Whether the other side left before the client did. */
  wasDisconnected = false

  private constructor(client: OfficialClient) {
    this.#client = client
  }

  /** Connects; no request is waited for longer than `timeout`, in milliseconds. */
  static async open(generation: Generation, meeting: Meeting, timeout = 60_000): Promise<OfficialCaller> {
    const transport = generation === 'v1' ? transportV1(meeting) : transportV2(meeting)
    const opened = new OfficialCaller(clientOf(generation, transport, { timeout }))
    try {
      await opened.#client.connect()
    } catch (thrown) {
      await opened[Symbol.asyncDispose]()
      throw thrown
    }
    opened.#watch(transport)
    return opened
  }

  /** Calls a tool; resolves with the answer, whatever it is. */
  async call(name: string, args: Record<string, unknown>): Promise<Message> {
    try {
      return { result: (await this.#client.callTool({ name, arguments: args })) as Record<string, unknown> }
    } catch (thrown) {
      const {
        code = 0,
        message,
        data = {},
      } = thrown as { code?: number; message: string; data?: Record<string, unknown> }
      return { error: { code, message, data } }
    }
  }

  /** Lists the tools; resolves with the text of the result as it came. */
  async listTools(): Promise<string> {
    await this.#client.listTools()
    return this.#lastList
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosing = true
    await this.#client.close()
  }

  #watch(transport: WatchedTransport): void {
    const { onmessage, onclose } = transport
    const send = transport.send.bind(transport)
    Object.assign(transport, {
      send: (message: Message, options?: never) => {
        if (message.id !== undefined && message.method !== undefined) this.#open.set(message.id, message.method)
        return send(message as never, options)
      },
      onmessage: (message: Message, extra?: never) => {
        this.#received(message)
        onmessage?.(message as never, extra)
      },
      onclose: () => {
        this.wasDisconnected ||= !this.#isClosing
        onclose?.()
      },
    })
  }

  #received({ id, method, result }: Message): void {
    if (method === 'notifications/tools/list_changed') this.toolChanges++
    if (method !== undefined) return
    if (this.#open.get(id) === 'tools/list') this.#lastList = JSON.stringify(result)
    if (!this.#open.delete(id)) this.unasked++
  }
}

function clientOf(
  generation: Generation,
  transport: WatchedTransport,
  options: { readonly timeout: number },
): OfficialClient {
  if (generation === 'v1') {
    const client = new ClientV1(CLIENT_INFO)
    return {
      connect: () => client.connect(transport as Parameters<ClientV1['connect']>[0], options),
      listTools: () => client.listTools(undefined, options),
      callTool: (params) => client.callTool(params, undefined, options),
      close: () => client.close(),
    }
  }
  const mode = generation === 'v2 auto' ? 'auto' : 'legacy'
  const client = new ClientV2(CLIENT_INFO, { versionNegotiation: { mode } })
  return {
    connect: () => client.connect(transport as Parameters<ClientV2['connect']>[0], options),
    listTools: () => client.listTools(undefined, options),
    callTool: (params) => client.callTool(params, options),
    close: () => client.close(),
  }
}

function transportV1(meeting: Meeting): WatchedTransport {
  if ('command' in meeting) return new StdioTransportV1({ ...meeting, stderr: 'ignore' })
  if ('url' in meeting) return new HttpTransportV1(meeting.url, { requestInit: { headers: meeting.headers } })
  return new SocketTransport(meeting.socketPath, meeting.introduction)
}

function transportV2(meeting: Meeting): WatchedTransport {
  if ('command' in meeting) return new StdioTransportV2({ ...meeting, stderr: 'ignore' })
  if ('url' in meeting) return new HttpTransportV2(meeting.url, { requestInit: { headers: meeting.headers } })
  return new SocketTransport(meeting.socketPath, meeting.introduction)
}
