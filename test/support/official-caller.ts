import { Client as ClientV2 } from '@modelcontextprotocol/client'
import { StdioClientTransport as StdioTransportV2 } from '@modelcontextprotocol/client/stdio'
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport as StdioTransportV1 } from '@modelcontextprotocol/sdk/client/stdio.js'
import type { Message } from './fake-servers.ts'

/** Which of the official clients. */
export type Generation = 'v1' | 'v2'

interface Command {
  readonly command: string
  readonly args: string[]
  readonly env: Record<string, string>
}

/** What both generations of transports have that is watched here. */
interface WatchedTransport {
  onmessage?: ((message: never, extra?: never) => void) | undefined
  onclose?: (() => void) | undefined
  send: (message: never, options?: never) => Promise<void>
}

/** What is used of both generations of clients. */
interface OfficialClient {
  listTools(): Promise<unknown>
  callTool(params: { name: string; arguments: Record<string, unknown> }): Promise<unknown>
  close(): Promise<void>
}

const CLIENT_INFO = { name: 'official', version: '1.0.0' }

/** An official MCP client over a program that it starts. What passes between them is counted. */
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
  /** Whether the program left before the client did. */
  wasDisconnected = false

  private constructor(client: OfficialClient, transport: WatchedTransport) {
    this.#client = client
    this.#watch(transport)
  }

  static async open(generation: Generation, server: Command): Promise<OfficialCaller> {
    const started = { ...server, stderr: 'ignore' as const }
    if (generation === 'v1') {
      const client = new ClientV1(CLIENT_INFO)
      const transport = new StdioTransportV1(started)
      await client.connect(transport)
      return new OfficialCaller(client, transport)
    }
    const client = new ClientV2(CLIENT_INFO)
    const transport = new StdioTransportV2(started)
    await client.connect(transport)
    return new OfficialCaller(client, transport)
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
