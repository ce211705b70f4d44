import { realpathSync } from 'node:fs'
import { homedir } from 'node:os'
import { resolve } from 'node:path'
import { CLIENT_IDS } from '../../shared/contracts/client-id.ts'
import { ServiceError } from '../../shared/errors/service-error.ts'
import { type CommandContext, defineCommand } from '../command.ts'
import { printPlan, printWiring } from '../configuration/print-import.ts'
import { openScreen } from '../output/screen.ts'

/** Servers of MCP clients taken over, and clients pointed at us. */
export const command = defineCommand({
  summary: 'take over the servers that your MCP clients have, and point a client at Pilotlight',
  options: {
    from: {
      type: 'choice',
      value: 'client',
      choices: CLIENT_IDS,
      summary: `one client (${CLIENT_IDS.join(', ')}); without it all that are here`,
    },
    project: {
      type: 'text',
      value: 'folder',
      summary: 'the files in this project (.mcp.json, .cursor/mcp.json …) instead of those for all',
    },
    'dry-run': { type: 'flag', summary: 'show what would change, and change nothing' },
    wire: { type: 'flag', summary: 'have that client start "pilot mcp" instead of the servers' },
    undo: { type: 'flag', summary: 'give that client back what it had before --wire' },
  },
  details: [
    'A server whose name stands for another one here is named and left alone. Comments and order of every file stay. Values of variables and headers are never shown.',
    'What a project brings is read only where its folder is named: its servers are commands that are run. They are run in that folder.',
    '--wire keeps what the client had in a file beside it; --undo puts that back.',
  ],
  examples: [
    { line: 'pilot import --dry-run', does: 'show what the clients here have, and what of it is new' },
    { line: 'pilot import --from cursor --wire', does: "take over Cursor's servers, and have it use them from here" },
    { line: 'pilot import --project . --dry-run', does: 'show what the files in this folder would bring' },
    { line: 'pilot import --from cursor --undo', does: 'give it back what it had' },
  ],
  async run({ options }, context) {
    const { from, wire, undo } = options
    const project = options.project === undefined ? undefined : resolve(options.project)
    const home = { home: homedir(), platform: process.platform, variables: context.variables, project }
    if (wire && undo) throw wrong('--wire and --undo are opposites.')
    const wiring = await import('../../worker-service/config/clients/wire-client.ts')
    if (undo) {
      if (from === undefined) throw noClient()
      const { path, isExact, kept } = await wiring.undoWiring(from, home)
      const how = isExact
        ? 'exactly as it was'
        : `its servers are back; it has been written to since, so the rest stays (${kept} is what it was)`
      context.print(`${path}: ${how}.\n`)
      return
    }
    if (wire && from === undefined) throw noClient()
    const isDryRun = options['dry-run']
    const importing = await import('../../worker-service/config/clients/import-servers.ts')
    const prepared = await importing.prepareImport({ environment: context.environment(), home, from })
    const wired = wire ? await wiring.prepareWiring(clientOf(prepared), ownCommand(context)) : undefined
    if (!isDryRun) await importing.finishImport(prepared)
    if (!isDryRun && wired !== undefined) await wiring.finishWiring(wired)
    context.print(printPlan(prepared, { screen: openScreen(context.variables), isDryRun, home: home.home }))
    if (wired !== undefined) context.print(printWiring(wired, isDryRun))
  },
})

function wrong(what: string): ServiceError {
  return new ServiceError('invalid_request', what)
}

function noClient(): ServiceError {
  return wrong(`Say which client: --from ${CLIENT_IDS.join('|')}.`)
}

function clientOf<Client>({ clients: [client] }: { clients: Client[] }): Client {
  if (client === undefined)
    throw new ServiceError(
      'invalid_configuration',
      'That client has no configuration here, so there is nothing to wire.',
    )
  return client
}

// By their paths: a client that was not started from a shell may have another PATH.
function ownCommand({ variables: { PILOTLIGHT_CONFIG } }: CommandContext) {
  const args = [realpathSync(process.argv[1] ?? ''), 'mcp']
  const config =
    PILOTLIGHT_CONFIG === undefined || PILOTLIGHT_CONFIG === '' ? undefined : realpathSync(PILOTLIGHT_CONFIG)
  return { command: process.execPath, args, ...(config !== undefined && { env: { PILOTLIGHT_CONFIG: config } }) }
}
