import { defineCommand } from '../command.ts'
import { completeServers } from '../completion/complete-servers.ts'
import { openBrowser } from '../open-browser.ts'
import { escapeLine } from '../output/escape.ts'
import { haveServerAnew } from '../worker/have-server-anew.ts'

/** Logging in to a remote server. */
export const command = defineCommand({
  summary: 'log in to a remote server by OAuth, in your browser',
  positionals: [{ name: 'server', required: true, complete: completeServers }],
  options: { 'no-browser': { type: 'flag', summary: 'only print the address of the page' } },
  details: [
    'The page comes back to this command on 127.0.0.1, so the browser has to be on this machine (or its port forwarded). The tokens are kept in private files, and renewed by whoever uses the server.',
  ],
  examples: [{ line: 'pilot auth login github', does: 'opens the login page and waits' }],
  async run({ positionals: [server = ''], options }, context) {
    const { RemoteLogins } = await import('../../worker-service/remote-logins.ts')
    const logins = await RemoteLogins.open({ environment: context.environment(), variables: context.variables })
    const show = (page: URL) => {
      context.tell(`Log in on this page; it is waited for:\n  ${escapeLine(page.href)}\n`)
      if (!options['no-browser']) openBrowser(page, context.variables)
    }
    await logins.logIn(server, show, context.signal)
    // It may rest since it was refused, or be logged in as somebody else.
    await haveServerAnew(server, 'restart', context)
    context.print(`Logged in to ${server}.\n`)
  },
})
