import { defineCommand } from '../command.ts'

/** Forgetting a login. */
export const command = defineCommand({
  summary: 'forget the login to a remote server on this machine',
  positionals: [{ name: 'server', required: true }],
  examples: [
    { line: 'pilot auth logout github', does: 'removes its tokens; what was allowed is taken back at the server' },
  ],
  async run({ positionals: [server = ''] }, context) {
    const { RemoteLogins } = await import('../../worker-service/remote-logins.ts')
    const logins = await RemoteLogins.open({ environment: context.environment(), variables: context.variables })
    const was = await logins.logOut(server)
    context.print(was ? `Logged out of ${server}.\n` : `There was no login to ${server}.\n`)
  },
})
