import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { createTextServer } from '../pool/text-server.ts'

// The server of the other benchmarks over Streamable HTTP, with nothing around the official transport. It has one client.
// Its URL is the one line on stdout; it ends with its stdin.
const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: randomUUID })
await createTextServer().connect(transport)
const listener = createServer((request, response) => void transport.handleRequest(request, response))
listener.listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${(listener.address() as AddressInfo).port}/mcp`)
})
process.stdin.resume().once('end', () => process.exit())
