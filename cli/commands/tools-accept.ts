import { defineCommand } from '../command.ts'
import { completeServers } from '../completion/complete-servers.ts'
import { waiting } from '../output/waiting.ts'
import { serverPath } from '../worker/server-routes.ts'
import { WorkerAccess } from '../worker/worker-access.ts'

/** Has the tools that a server lists now count as accepted. */
export const command = defineCommand({
  summary: 'accept the tools that a server lists now, after it has changed them',
  positionals: [{ name: 'server', required: true, complete: completeServers }],
  examples: [
    { line: 'pilot status', does: 'names what has changed, and what is withheld for it' },
    { line: 'pilot tools accept github', does: 'serves it from now on' },
  ],
  async run({ positionals: [server = ''] }, context) {
    const worker = new WorkerAccess(context, 'start')
    const path = `${serverPath(server)}/accept-tools`
    await waiting(`accepting the tools of ${server}`, () => worker.ask({ method: 'POST', path }))
    context.print(`The tools of ${server} are accepted.\n`)
  },
})
