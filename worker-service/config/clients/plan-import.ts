import { SERVER_NAME } from '../../../shared/contracts/server-name.ts'
import { isPilotlight } from './is-pilotlight.ts'
import type { ClientServers } from './read-client.ts'
import { type ClientPlaces, type OwnEntry, translateEntry } from './translate-entry.ts'

/** What becomes of one server of a client. */
export interface PlannedServer {
  /** What the client calls it. */
  name: string
  /** What it is called here. */
  ownName: string
  outcome:
    | { kind: 'added' | 'there'; entry: OwnEntry; notes: string[] }
    /** Another server has the name here; `differs` names the members that are not the same. */
    | { kind: 'conflict'; differs: string[] }
    | { kind: 'unfit'; reason: string }
    | { kind: 'pilotlight' }
}

/** What becomes of the servers of a client. */
export interface ClientPlan {
  client: ClientServers['client']
  path: string
  servers: PlannedServer[]
}

/** What is known of this place. */
export interface Surroundings extends ClientPlaces {
  /** Where our own worker listens. */
  port: number
}

const REACH = ['command', 'args', 'env', 'cwd', 'url', 'headers'] as const
const MAX_NAME = 40

/** Decides about every server of all clients, the first that has a name first. `own` are the entries that are here already. */
export function planImport(
  found: readonly ClientServers[],
  own: ReadonlyMap<string, OwnEntry>,
  surroundings: Surroundings,
): ClientPlan[] {
  const known = new Map(own)
  return found.map(({ client, path, servers }) => ({
    client,
    path,
    servers: servers.map(([name, value]) => planServer(name, value, { known, ...surroundings })),
  }))
}

function planServer(
  name: string,
  value: unknown,
  { known, port, ...places }: Surroundings & { known: Map<string, OwnEntry> },
): PlannedServer {
  const ownName = toOwnName(name)
  const translated = translateEntry(value, places)
  if (translated.kind === 'unfit') return { name, ownName, outcome: translated }
  const { entry, notes } = translated
  if (isPilotlight(entry, port)) return { name, ownName, outcome: { kind: 'pilotlight' } }
  const there = known.get(ownName)
  if (there === undefined) {
    known.set(ownName, entry)
    return { name, ownName, outcome: { kind: 'added', entry, notes } }
  }
  const differs = differences(there, entry)
  if (differs.length > 0) return { name, ownName, outcome: { kind: 'conflict', differs } }
  return { name, ownName, outcome: { kind: 'there', entry, notes: [] } }
}

function differences(own: OwnEntry, other: OwnEntry): string[] {
  // Empty is as good as not there.
  const shown = (value: unknown) => JSON.stringify(value ?? null).replace(/^(\[\]|\{\})$/, 'null')
  return REACH.filter((key) => sorted(shown(own[key])) !== sorted(shown(other[key])))
}

// The order of variables and headers means nothing.
function sorted(json: string): string {
  const value: unknown = JSON.parse(json)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return json
  return JSON.stringify(Object.entries(value).toSorted(([a], [b]) => a.localeCompare(b)))
}

function toOwnName(name: string): string {
  const legal = name.replaceAll(/[^A-Za-z0-9_.-]+/g, '-').slice(0, MAX_NAME)
  return SERVER_NAME.test(legal) ? legal : 'server'
}
