import { fingerprint } from '../../shared/fingerprint.ts'
import type { ServerDefinition } from '../server-pool/server-definition.ts'

/** A file name for what is kept of a server, the same for as long as it is run in the same way. */
export function launchKeyOf(definition: ServerDefinition): string {
  // Values of variables and headers are left out: they are secrets, and a new one makes no new server.
  const identity =
    definition.transport === 'stdio'
      ? [definition.command, definition.args, definition.cwd, Object.keys(definition.env).toSorted()]
      : [definition.transport, definition.url, Object.keys(definition.headers).toSorted()]
  return `${definition.name}-${fingerprint(JSON.stringify(identity))}`
}
