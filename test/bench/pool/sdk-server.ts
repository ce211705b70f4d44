import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'
import { createTextServer } from './text-server.ts'

await createTextServer().connect(new StdioServerTransport())
