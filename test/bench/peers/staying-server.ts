import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'
import { createTextServer } from '../pool/text-server.ts'

await createTextServer().connect(new StdioServerTransport())

// As many do that hold a connection or a timer: it does not end with its input.
setInterval(() => {}, 60_000)
