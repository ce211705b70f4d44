import { boundMemory } from '../bounded-memory.ts'
import { defineCommand } from '../command.ts'

/** The worker in the foreground, for containers and systemd. */
export const command = defineCommand({
  summary: 'run the worker in the foreground, until SIGTERM or Ctrl-C',
  examples: [
    { line: 'pilot service run', does: 'the worker of ~/.config/pilotlight/mcp.json' },
    { line: 'pilot service run --config ./mcp.json', does: 'that of another configuration, beside it' },
  ],
  async run(_, { variables }) {
    boundMemory(variables)
    await (await import('../../worker-service/main.ts')).main()
  },
})
