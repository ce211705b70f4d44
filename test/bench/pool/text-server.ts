import { Server } from '@modelcontextprotocol/sdk/server/index.js'
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js'

/** An MCP server as most are, by the official SDK, without a transport yet. Its tool gives a text as long as it is asked for. */
export function createTextServer(): Server {
  const server = new Server({ name: 'bench', version: '1' }, { capabilities: { tools: {} } })
  const texts = new Map<number, string>()
  const textOf = (length: number): string => {
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
  return server
}
