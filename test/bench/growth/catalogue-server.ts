import { Server } from '@modelcontextprotocol/sdk/server/index.js'
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js'
import { createCatalogue } from '../selection/catalogue.ts'

const PAGE = 500

// An MCP server with as many tools as it is told to have, a page at a time. Each gives back its name.
const { servers } = await createCatalogue(Number(process.argv[2]))
const tools = servers.flatMap((server) => server.tools)
const server = new Server({ name: 'catalogue', version: '1' }, { capabilities: { tools: {} } })
server.setRequestHandler(ListToolsRequestSchema, ({ params }) => {
  const from = Number(params?.cursor ?? 0)
  const to = from + PAGE
  return { tools: tools.slice(from, to), ...(to < tools.length && { nextCursor: String(to) }) }
})
server.setRequestHandler(CallToolRequestSchema, ({ params }) => ({ content: [{ type: 'text', text: params.name }] }))
await server.connect(new StdioServerTransport())
