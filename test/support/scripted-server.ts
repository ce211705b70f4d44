import type { IncomingMessage, ServerResponse } from 'node:http'
import { type HttpFixture, readJsonBody, serveHttp } from './remote-server.ts'

type Message = Record<string, unknown>

/** Answers a message, or a request without one, which is no POST. */
export type Answering = (message: Message, request: IncomingMessage, response: ServerResponse) => unknown

/** What a scripted server says of itself. */
export const INTRODUCTION = {
  protocolVersion: '2025-11-25',
  capabilities: {},
  serverInfo: { name: 'scripted', version: '1' },
}

interface Script {
  /** The id of the session that an initialize opens; none are opened without it. */
  session?: () => string
  capabilities?: object
}

/** A remote server that introduces itself, and answers the rest as it is told. */
export function serveScripted(
  answer: Answering,
  { session, capabilities = INTRODUCTION.capabilities }: Script = {},
): Promise<HttpFixture> {
  return serveHttp(async (request, response) => {
    if (request.method !== 'POST') return answer({}, request, response)
    const message = await readJsonBody(request)
    if (message.method === 'notifications/initialized') return response.writeHead(202).end()
    if (message.method !== 'initialize') return answer(message, request, response)
    const headers = session === undefined ? {} : { 'mcp-session-id': session() }
    return sendJson(response, { jsonrpc: '2.0', id: message.id, result: { ...INTRODUCTION, capabilities } }, headers)
  })
}

/** Answers with JSON over several lines. */
export function sendJson(response: ServerResponse, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body, undefined, 2))
}

/** Says that there is no stream for what the server says unasked. */
export function noStream(response: ServerResponse): void {
  response.writeHead(405).end()
}
