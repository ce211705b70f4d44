import { isDeepStrictEqual } from 'node:util'
import type { PoolClient } from './client-session.ts'
import { DEFAULT_SERVER_SETTINGS, type ServerDefinition, type Sharing } from './server-definition.ts'

/** Servers known to keep what belongs to one client (a browser's tabs, a train of thought) for as long as they run. */
const KNOWN_TO_HOLD_CLIENT_STATE = /playwright|puppeteer|chrome-devtools|browser|sequential-?thinking/i

/** What a server holds that is not for every client: what belongs to one, or the roots of one, which all of a project have in common. */
export type HeldState = 'client' | 'roots'

/** How a server is shared, `auto` decided. `roots`: by project, but that processes run where the entry says. */
export type ResolvedSharing = Exclude<Sharing, 'auto'> | 'roots'

/** Which clients share one process of a server. */
export function resolveSharing(definition: ServerDefinition, seenToHold: HeldState | undefined): ResolvedSharing {
  if (definition.share !== 'auto') return definition.share
  return KNOWN_TO_HOLD_CLIENT_STATE.test(addressOf(definition)) ? 'client' : (seenToHold ?? 'all')
}

/** Clients of equal keys share one process; the empty key is that of the process for all. `fallback` stands for a client nobody knows. */
export function shareKeyOf(sharing: ResolvedSharing, client: PoolClient, fallback: string): string {
  switch (sharing) {
    case 'all':
      return ''
    case 'client':
      return `client ${client.identity ?? fallback}`
    case 'project':
    case 'roots':
      return client.project === undefined ? '' : `project ${client.project}`
  }
}

/** The definition of the process for a client: one that is there for a project runs in its folder, unless it is given another. */
export function definitionFor(
  definition: ServerDefinition,
  sharing: ResolvedSharing,
  { project }: PoolClient,
): ServerDefinition {
  const isItsFolder = sharing === 'project' && definition.transport === 'stdio' && definition.cwd === undefined
  return isItsFolder ? { ...definition, cwd: project } : definition
}

/** Whether a process of one definition may go on under the other: all that reaches the server is the same, credentials included. */
export function isSameLaunch(a: ServerDefinition, b: ServerDefinition): boolean {
  return isDeepStrictEqual(launchOf(a), launchOf(b))
}

// What is no setting of ours is the server's own; of the settings only the size of a message is told to the connection.
function launchOf(definition: ServerDefinition): Record<string, unknown> {
  const own = Object.entries(definition).filter(([key]) => !(key in DEFAULT_SERVER_SETTINGS))
  return { ...Object.fromEntries(own), maxMessageBytes: definition.maxMessageBytes }
}

function addressOf(definition: ServerDefinition): string {
  return definition.transport === 'stdio' ? [definition.command, ...definition.args].join(' ') : definition.url
}
