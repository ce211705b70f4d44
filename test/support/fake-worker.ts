import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { findToolsTool } from '../../shared/contracts/find-tools-tool.ts'
import { findFreePort } from './free-port.ts'

/** How a route behaves: whatever a test wants, on the real response. */
export type Behaviour = (request: ReceivedRequest, response: ServerResponse) => void

export interface ReceivedRequest {
  /** `POST /find_tools` */
  line: string
  headers: IncomingMessage['headers']
  body: string
}

export const SUCCESS_BODY = '{"status":"success","message":"Attached 1 tool: read_file","details":{"success_count":1}}'

/** Behaviours by name, for tests that read as a list of them. */
export const answers = (status: number, body: string): Behaviour => {
  return (_, response) => response.writeHead(status, { 'content-type': 'application/json' }).end(body)
}
export const answersAfter = (ms: number, body: string): Behaviour => {
  return (_, response) => void sleep(ms).then(() => response.writeHead(200).end(body))
}
export const never: Behaviour = () => {}
export const resets: Behaviour = (_, response) => response.socket?.resetAndDestroy()
export const breaksOff: Behaviour = (_, response) => {
  response.writeHead(200, { 'content-length': '1000' }).write('{"status":"succ')
  setTimeout(() => response.socket?.destroy(), 10)
}
export const errorBody = (code: string): string =>
  JSON.stringify({ status: 'error', message: 'No.', code, details: null })

export const HEALTH_BODY = '{"status":"healthy","service":"pilotlight-worker","version":"1.0.0","uptime_s":1}'

/** MCP over Streamable HTTP with find_tools alone, which can find so many tools of these servers, and no other. */
export const speaksMcp = (tools: number, servers: string[]): Behaviour => {
  const results: Record<string, object> = {
    initialize: { protocolVersion: '2025-11-25', capabilities: {}, serverInfo: { name: 'fake', version: '1' } },
    'tools/list': { tools: [findToolsTool(25, { tools, servers })] },
  }
  return ({ line, body }, response) => {
    response.setHeader('mcp-session-id', 'fake')
    if (line !== 'POST /mcp') return response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
    const { id, method } = JSON.parse(body) as { id?: unknown; method: string }
    if (id === undefined) return response.writeHead(202).end()
    const result = results[method]
    const outcome = result === undefined ? { error: { code: -32602, message: `No ${method}.` } } : { result }
    return response
      .setHeader('content-type', 'application/json')
      .end(JSON.stringify({ jsonrpc: '2.0', id, ...outcome }))
  }
}

/** A worker's HTTP face without anything behind it, on a real port; each route does what the test says. */
export class FakeWorker implements AsyncDisposable {
  health: Behaviour = answers(200, HEALTH_BODY)
  mcp: Behaviour = speaksMcp(43, ['everything', 'memory'])
  findTools: Behaviour = answers(200, SUCCESS_BODY)
  readonly received: ReceivedRequest[] = []
  connections = 0
  port = 0
  #server = this.#createServer()

  /** A fake worker that listens. */
  static async start(behaviour: Partial<Pick<FakeWorker, 'health' | 'mcp' | 'findTools'>> = {}): Promise<FakeWorker> {
    const worker = Object.assign(new FakeWorker(), behaviour, { port: await findFreePort() })
    await worker.listen()
    return worker
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  /** The last call of find_tools that came. */
  get lastCall(): ReceivedRequest | undefined {
    return this.received.findLast(({ line }) => line === 'POST /find_tools')
  }

  /** How many requests came for `line`, like `POST /find_tools`. */
  count(line: string): number {
    return this.received.filter((request) => request.line === line).length
  }

  /** Listens (again) on its port. */
  async listen(): Promise<void> {
    this.#server = this.#createServer()
    await once(this.#server.listen(this.port, '127.0.0.1'), 'listening')
  }

  /** Gone like a killed process: connections reset, new ones refused. */
  async kill(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    this.#server.closeAllConnections()
    await closed
  }

  /** Takes no new connections, like a worker that drains; open ones go on. */
  refuseConnections(): void {
    this.#server.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill()
  }

  #createServer() {
    const server = createServer((request, response) => void this.#onRequest(request, response))
    return server.on('connection', () => {
      this.connections++
    })
  }

  async #onRequest(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = ''
    try {
      for await (const chunk of request.setEncoding('utf8')) body += chunk
    } catch {
      return
    }
    const received = { line: `${request.method} ${request.url}`, headers: request.headers, body }
    this.received.push(received)
    const routes = { '/health': this.health, '/mcp': this.mcp, '/find_tools': this.findTools }
    const behave = routes[request.url as keyof typeof routes] ?? answers(404, errorBody('invalid_request'))
    behave(received, response)
  }
}
