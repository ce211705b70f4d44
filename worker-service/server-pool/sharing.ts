import type { PoolClient } from './client-session.ts'
import type { ServerDefinition, Sharing } from './server-definition.ts'

/** Servers known to keep what belongs to one client (a browser's tabs, a train of thought) for as long as they run. */
const KNOWN_TO_HOLD_CLIENT_STATE = /playwright|puppeteer|chrome-devtools|browser|sequential-?thinking/i

/** Which clients share one process of a server, `auto` decided. */
export function resolveSharing(
  definition: ServerDefinition,
  wasSeenToHoldClientState: boolean,
): Exclude<Sharing, 'auto'> {
  if (definition.share !== 'auto') return definition.share
  return wasSeenToHoldClientState || KNOWN_TO_HOLD_CLIENT_STATE.test(addressOf(definition)) ? 'client' : 'all'
}

/** Clients of equal keys share one process; the empty key is that of the process for all. `fallback` stands for a client nobody knows. */
export function shareKeyOf(sharing: Exclude<Sharing, 'auto'>, client: PoolClient, fallback: string): string {
  switch (sharing) {
    case 'all':
      return ''
    case 'client':
      return `client ${client.identity ?? fallback}`
    case 'project':
      return client.project === undefined ? '' : `project ${client.project}`
  }
}

/** The definition of the process for a client: one that is there for a project runs in its folder, unless it is given another. */
export function definitionFor(
  definition: ServerDefinition,
  sharing: Sharing,
  { project }: PoolClient,
): ServerDefinition {
  const isItsFolder = sharing === 'project' && definition.transport === 'stdio' && definition.cwd === undefined
  return isItsFolder ? { ...definition, cwd: project } : definition
}

/** Equal for definitions whose processes need not differ: all that reaches the server, credentials included. */
export function launchKeyOf(definition: ServerDefinition): string {
  const { transport, maxMessageBytes, share } = definition
  const common = [transport, maxMessageBytes, share]
  if (definition.transport !== 'stdio') return JSON.stringify([...common, definition.url, sorted(definition.headers)])
  const { command, args, env, cwd } = definition
  return JSON.stringify([...common, command, args, sorted(env), cwd])
}

function addressOf(definition: ServerDefinition): string {
  return definition.transport === 'stdio' ? [definition.command, ...definition.args].join(' ') : definition.url
}

function sorted(record: Record<string, string>): Array<[string, string]> {
  return Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1))
}
