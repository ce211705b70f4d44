import { ServiceError } from '../../shared/errors/service-error.ts'
import { printTools, type ServerTools } from '../calls/print-tools.ts'
import { openTools, type ToolHost } from '../calls/tool-host.ts'
import { defineCommand } from '../command.ts'
import { completeServers } from '../completion/complete-servers.ts'
import { waiting } from '../output/waiting.ts'
import { NO_SERVERS } from '../servers/no-servers.ts'

/** Lists the tools of servers. */
export const command = defineCommand({
  summary: 'list the tools of all servers, or of one',
  positionals: [{ name: 'server', complete: completeServers }],
  options: {
    json: { type: 'flag', summary: 'print them as their servers list them, schemas included' },
    direct: { type: 'flag', summary: 'run the servers in this process, without the service' },
  },
  details: ['"pilot call <server> <tool> --help" shows the arguments of a tool.'],
  examples: [
    { line: 'pilot tools', does: 'every tool of every server' },
    { line: 'pilot tools github', does: 'those of one server' },
    { line: `pilot tools github --json | jq '.tools[].name'`, does: 'for programs' },
  ],
  async run({ positionals: [server], options: { json, direct } }, context) {
    await using host = await openTools(context, { direct })
    if (server !== undefined) {
      const tools = await waiting(`asking ${server}`, () => host.tools(server))
      if (json) return context.print(`${JSON.stringify({ tools }, undefined, 2)}\n`)
      return printTools([{ server, tools }], context)
    }
    const all = await waiting('asking every server', () => toolsOfAll(host))
    if (json) context.print(`${JSON.stringify({ servers: all }, undefined, 2)}\n`)
    else if (all.length === 0) context.print(`${NO_SERVERS}\n`)
    else printTools(all, context)
  },
})

// One that cannot be asked keeps nobody from seeing the others.
async function toolsOfAll(host: ToolHost): Promise<ServerTools[]> {
  const servers = await host.servers()
  return Promise.all(
    servers.map(async (server) => {
      try {
        return { server, tools: await host.tools(server) }
      } catch (thrown) {
        return { server, tools: [], problem: ServiceError.from(thrown).message }
      }
    }),
  )
}
