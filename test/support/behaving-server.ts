import type { ServerResponse } from 'node:http'
import type { ServerBehaviour } from '../contracts/connector-contract.ts'
import { type HttpFixture, readJsonBody, serveHttp } from './remote-server.ts'

/** A remote server that behaves as the connector contract wants, over Streamable HTTP and, at `/sse`, over the older event streams. */
export async function serveBehaviour(behaviour: ServerBehaviour): Promise<HttpFixture> {
  const streams: ServerResponse[] = []
  const server = await serveHttp(async (request, response) => {
    if (request.method === 'GET' && request.url === '/sse') {
      const number = streams.push(response) - 1
      return response
        .writeHead(200, { 'content-type': 'text/event-stream' })
        .write(`event: endpoint\ndata: /messages/${number}\n\n`)
    }
    if (request.method !== 'POST') return response.writeHead(405).end()
    if (behaviour === 'hangs') return undefined
    if (behaviour === 'dies') return server.server.closeAllConnections()
    const { id, params } = await readJsonBody(request)
    const answer = `data: ${JSON.stringify({ jsonrpc: '2.0', id, result: resultOf(params) })}\n\n`
    const stream = streams[Number(request.url?.split('/messages/')[1])]
    if (stream !== undefined) {
      response.writeHead(202).end()
      return send(stream, answer, behaviour)
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    await send(response, answer, behaviour)
    return response.end()
  })
  return server
}

function resultOf(params: unknown): unknown {
  const { repeat, times } = params as { repeat?: string; times?: number }
  return repeat === undefined ? params : { text: repeat.repeat(times ?? 1) }
}

async function send(response: ServerResponse, text: string, behaviour: ServerBehaviour): Promise<void> {
  if (behaviour !== 'dribbles') {
    response.write(text)
    return
  }
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += 3) {
    response.write(bytes.subarray(at, at + 3))
    await new Promise(setImmediate)
  }
}
