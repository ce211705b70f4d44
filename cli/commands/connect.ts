import { defineCommand } from '../command.ts'
import { completeServers } from '../completion/complete-servers.ts'

/** One pooled server over stdio. */
export const command = defineCommand({
  summary: 'be one MCP server of the worker on stdin and stdout, as if it had been started here',
  positionals: [{ name: 'server', required: true, complete: completeServers }],
  details: [
    'An MCP client runs it, by its configuration:\n  { "mcpServers": { "github": { "command": "pilot", "args": ["connect", "github"] } } }',
  ],
  examples: [{ line: 'pilot connect github', does: 'what an MCP client runs' }],
  async run({ positionals: [server = ''] }, { environment, variables, signal }) {
    const { connectToServer } = await import('../../mcp-server/connect.ts')
    const { stdin: input, stdout: output, stderr } = process
    const streams = { input, output }
    await connectToServer({ server, environment: environment(), variables, streams, stderr }, signal)
  },
})
