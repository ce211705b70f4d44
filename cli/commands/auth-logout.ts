import { defineCommand } from '../command.ts'
import { completeServers } from '../completion/complete-servers.ts'
import { haveServerAnew } from '../worker/have-server-anew.ts'

/** Forgetting a login. */
export const command = defineCommand({
  summary: 'forget the login to a remote server on this machine',
  positionals: [{ name: 'server', required: true, complete: completeServers }],
  examples: [
    { line: 'pilot auth logout github', does: 'removes its tokens here; what you allowed stays allowed at the server' },
  ],
  async run({ positionals: [server = ''] }, context) {
    const { RemoteLogins } = await import('../../worker-service/remote-logins.ts')
    const logins = await RemoteLogins.open({ environment: context.environment(), variables: context.variables })
    const was = await logins.logOut(server)
    await haveServerAnew(server, 'stop', context)
    context.print(was ? `Logged out of ${server}.\n` : `There was no login to ${server}.\n`)
  },
})
