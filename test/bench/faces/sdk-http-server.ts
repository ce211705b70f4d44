import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { createTextServer } from '../pool/text-server.ts'

// The server of the other benchmarks over Streamable HTTP, with nothing around the official transport but a place for each session.
// Its URL is the one line on stdout; it ends with its stdin.
const sessions = new Map<string, StreamableHTTPServerTransport>()

async function transportOf({ headers }: IncomingMessage): Promise<StreamableHTTPServerTransport> {
  const known = sessions.get(String(headers['mcp-session-id']))
  if (known !== undefined) return known
  const transport = new StreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    onsessioninitialized: (id) => void sessions.set(id, transport),
  })
  await createTextServer().connect(transport)
  return transport
}

const listener = createServer((request, response) => {
  void transportOf(request).then((transport) => transport.handleRequest(request, response))
})
listener.listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${(listener.address() as AddressInfo).port}/mcp`)
})
process.stdin.resume().once('end', () => process.exit())
