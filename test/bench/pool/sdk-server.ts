import { Server } from '@modelcontextprotocol/sdk/server/index.js'
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js'

// An MCP server as most are: the official SDK over stdio. Its tool gives a text as long as it is asked for.
const server = new Server({ name: 'bench', version: '1' }, { capabilities: { tools: {} } })
const texts = new Map<number, string>()

function textOf(length: number): string {
  const known = texts.get(length) ?? 'x'.repeat(length)
  texts.set(length, known)
  return known
}

server.setRequestHandler(ListToolsRequestSchema, () => ({
  tools: [{ name: 'text', inputSchema: { type: 'object', properties: { length: { type: 'number' } } } }],
}))
server.setRequestHandler(CallToolRequestSchema, ({ params }) => ({
  content: [{ type: 'text', text: textOf(Number(params.arguments?.length)) }],
}))
await server.connect(new StdioServerTransport())
