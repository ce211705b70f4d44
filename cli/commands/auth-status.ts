import type { LoginStatus } from '../../worker-service/remote-logins.ts'
import { defineCommand } from '../command.ts'
import { completeServers } from '../completion/complete-servers.ts'
import { openScreen, type Screen } from '../output/screen.ts'
import { renderTable } from '../output/table.ts'

/** How we stand with remote servers. */
export const command = defineCommand({
  summary: 'say how the logins to remote servers stand',
  positionals: [{ name: 'server', complete: completeServers }],
  options: { json: { type: 'flag', summary: 'print it as JSON' } },
  examples: [
    { line: 'pilot auth status', does: 'all remote servers' },
    { line: 'pilot auth status github --json', does: 'one, for a script' },
  ],
  async run({ positionals: [server], options }, context) {
    const { RemoteLogins } = await import('../../worker-service/remote-logins.ts')
    const logins = await RemoteLogins.open({ environment: context.environment(), variables: context.variables })
    const rows = await logins.status(server)
    context.print(
      options.json ? `${JSON.stringify(rows.map(toJson), null, 2)}\n` : table(rows, openScreen(context.variables)),
    )
  },
})

function table(rows: readonly LoginStatus[], { style, isTerminal: rules, width }: Screen): string {
  if (rows.length === 0) return 'There are no remote servers.\n'
  const columns = ['Server', 'Login', 'Until', 'Scope', 'Where'].map((heading) => ({ heading }))
  const cells = rows.map(({ server, state, expiresAt, scope = '', url }) => [
    { text: server },
    { text: state, paint: state === 'ended' || state === 'not logged in' ? style.yellow : style.green },
    { text: expiresAt === undefined ? '' : new Date(expiresAt).toISOString() },
    { text: scope },
    { text: url },
  ])
  return `${renderTable(columns, cells, { rules, width, heading: style.bold }).join('\n')}\n`
}

function toJson({ server, url, state, expiresAt, scope }: LoginStatus) {
  const expires = expiresAt === undefined ? null : new Date(expiresAt).toISOString()
  return { server, url, state, expires_at: expires, scope: scope ?? null }
}
