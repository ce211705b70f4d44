import { defineCommand } from '../command.ts'

/** The stdio front, for an MCP client's configuration. */
export const command = defineCommand({
  summary: 'be an MCP server on stdin and stdout that has find_tools and all servers',
  details: [
    'An MCP client runs it, by its configuration:\n  { "mcpServers": { "pilotlight": { "command": "pilot", "args": ["mcp"] } } }',
  ],
  examples: [
    { line: 'pilot mcp', does: 'what an MCP client runs' },
    { line: 'FIND_TOOLS_MODE=one-shot pilot mcp', does: 'the same without a worker' },
  ],
  async run() {
    await (await import('../../mcp-server/main.ts')).main()
  },
})
