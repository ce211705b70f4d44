import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { Server as McpServer } from '@modelcontextprotocol/sdk/server/index.js'
import { SSEServerTransport } from '@modelcontextprotocol/sdk/server/sse.js'
import {
  StreamableHTTPServerTransport,
  type StreamableHTTPServerTransportOptions,
} from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js'
import {
  DEFAULT_SERVER_SETTINGS,
  type RemoteServerDefinition,
} from '../../worker-service/server-pool/server-definition.ts'

/** The definition of a remote server. */
export function remoteServer(url: string, rest: Partial<RemoteServerDefinition> = {}): RemoteServerDefinition {
  return {
    ...DEFAULT_SERVER_SETTINGS,
    name: 'far',
    transport: 'http',
    url,
    headers: {},
    startTimeoutMs: 60_000,
    ...rest,
  }
}

/** An HTTP server on a free port of loopback, its requests in order, and the sockets that are open. */
export interface HttpFixture extends AsyncDisposable {
  url: string
  /** Method, path and headers of every request, without bodies. */
  requests: IncomingMessage[]
  sockets: ReadonlySet<Socket>
  server: Server
}

export type Handler = (request: IncomingMessage, response: ServerResponse) => unknown

/** Serves with a handler until disposed; what is open then is cut. */
export async function serveHttp(handler: Handler, path = '/mcp'): Promise<HttpFixture> {
  const requests: IncomingMessage[] = []
  const sockets = new Set<Socket>()
  const server = createServer((request, response) => {
    requests.push(request)
    handler(request, response)
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}${path}`,
    requests,
    sockets,
    server,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

/** The whole body of a request, parsed. */
export async function readJsonBody(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return JSON.parse(Buffer.concat(chunks).toString() || '{}') as Record<string, unknown>
}

/** A server of the official SDK with one tool, `echo`, which gives its arguments back and tells of its progress where asked. */
function createSdkServer(): McpServer {
  const server = new McpServer({ name: 'fixture', version: '1.0.0' }, { capabilities: { tools: {}, logging: {} } })
  server.setRequestHandler(ListToolsRequestSchema, () => ({
    tools: [{ name: 'echo', inputSchema: { type: 'object' as const } }],
  }))
  server.setRequestHandler(CallToolRequestSchema, async ({ params }, { sendNotification }) => {
    const { _meta: meta } = params
    const progressToken = meta?.progressToken
    if (progressToken !== undefined) {
      await sendNotification({ method: 'notifications/progress', params: { progressToken, progress: 1 } })
    }
    return { content: [{ type: 'text' as const, text: JSON.stringify(params.arguments ?? {}) }] }
  })
  return server
}

/** The official SDK's Streamable HTTP server, one session per initialize. */
export interface StreamableFixture extends HttpFixture {
  /** Forgets every session, as a restarted server does. */
  forget(): void
  /** Sends a notification to every session, on the stream it listens to. */
  notify(method: string): Promise<void>
  sessions: ReadonlyMap<string, StreamableHTTPServerTransport>
}

/** Which server is behind the sessions, and what their transports are to do beyond the usual. */
interface StreamableOptions
  extends Pick<StreamableHTTPServerTransportOptions, 'enableJsonResponse' | 'eventStore' | 'retryInterval'> {
  create?: () => McpServer
  /** Whether it refuses requests under another name than its own, as a server on loopback should. */
  checksHost?: boolean
}

export async function serveStreamableHttp({
  create = createSdkServer,
  checksHost = false,
  ...options
}: StreamableOptions = {}): Promise<StreamableFixture> {
  const sessions = new Map<string, StreamableHTTPServerTransport>()
  const open = async () => {
    const transport = new StreamableHTTPServerTransport({
      ...options,
      sessionIdGenerator: randomUUID,
      enableDnsRebindingProtection: checksHost,
      allowedHosts: [new URL(fixture.url).host],
      onsessioninitialized: (id) => void sessions.set(id, transport),
      onsessionclosed: (id) => void sessions.delete(id),
    })
    await create().connect(transport)
    return transport
  }
  const fixture = await serveHttp(async (request, response) => {
    const id = request.headers['mcp-session-id']
    const known = typeof id === 'string' ? sessions.get(id) : undefined
    if (id !== undefined && known === undefined) return response.writeHead(404).end()
    await (known ?? (await open())).handleRequest(request, response)
  })
  return {
    ...fixture,
    sessions,
    forget: () => sessions.clear(),
    async notify(method) {
      for (const transport of sessions.values()) await transport.send({ jsonrpc: '2.0', method })
    },
  }
}

/** The official SDK's server of the older transport. */
export async function serveLegacySse(): Promise<HttpFixture> {
  const sessions = new Map<string, SSEServerTransport>()
  return serveHttp(async (request, response) => {
    const { searchParams, pathname } = new URL(request.url ?? '', 'http://localhost')
    if (request.method === 'GET' && pathname === '/sse') {
      const transport = new SSEServerTransport('/messages', response)
      sessions.set(transport.sessionId, transport)
      return createSdkServer().connect(transport)
    }
    const transport = sessions.get(searchParams.get('sessionId') ?? '')
    if (transport === undefined) return response.writeHead(404).end()
    return transport.handlePostMessage(request, response)
  }, '/sse')
}
