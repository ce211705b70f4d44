import { join, resolve } from 'node:path'
import { nodeOs } from '../../shared/folders.ts'
import {
  DEFAULT_SERVER_SETTINGS,
  type RemoteServerDefinition,
  type ServerDefinition,
  type ServerSettings,
} from '../server-pool/server-definition.ts'
import { expandVariables, type Variables } from './expand-variables.ts'
import { oauthMistake, resolveOAuth } from './resolve-oauth.ts'
import type { Remark } from './section-reader.ts'
import type { ServerEntry, WrittenSettings } from './sections.ts'
import { whatIsWrong } from './what-is-wrong.ts'

/** Where an entry's relative folder starts and what its variables mean. */
export interface ServerSurroundings {
  /** The folder of the configuration file. */
  folder: string
  variables: Variables
  /** Where a missing variable should have been; for the reason only. */
  variablesPath: string
}

/** An entry of which no server can be made, and why. */
export interface UnusableEntry {
  kind: 'unusable'
  /** Whether that is the fault of variables alone, which the environment of another process may have. */
  lacksVariables: boolean
  /** At least one; the ways begin at the entry. */
  wrong: Remark[]
}

/** What an entry comes to. */
export type ResolvedServer = { kind: 'server'; definition: ServerDefinition } | UnusableEntry

const MS_PER_SECOND = 1_000
const MS_PER_MINUTE = 60_000

/** Completes one entry: which transport it means, defaults filled, variables expanded, its folder absolute. */
export function resolveServer(name: string, entry: ServerEntry, surroundings: ServerSurroundings): ResolvedServer {
  const transport = transportOf(entry)
  if (transport.kind === 'mistake') return unusableEntry([{ path: [], text: transport.mistake }])
  const missing = new Set<string>()
  const expand = (text: string) => expandVariables(text, surroundings.variables, missing)
  const common = { name, ...settingsOf(entry) }
  const definition: ServerDefinition =
    transport.kind === 'stdio'
      ? {
          ...common,
          transport: 'stdio',
          command: expand(transport.command),
          args: (entry.args ?? []).map(expand),
          env: mapValues(entry.env, expand),
          cwd: entry.cwd === undefined ? undefined : absoluteFolder(entry.cwd, surroundings.folder),
        }
      : {
          ...common,
          transport: transport.kind,
          url: expand(transport.url),
          headers: mapValues(entry.headers, expand),
          ...(entry.oauth !== undefined && { oauth: resolveOAuth(entry.oauth, expand) }),
        }
  if (missing.size > 0) return unusableEntry([lack(missing, surroundings)], { lacksVariables: true })
  const wrong = whatIsWrong(definition)
  return wrong.length === 0 ? { kind: 'server', definition } : unusableEntry(wrong)
}

/** What an entry comes to with which something is wrong. */
export function unusableEntry(wrong: Remark[], { lacksVariables = false } = {}): UnusableEntry {
  return { kind: 'unusable', lacksVariables, wrong }
}

type Transport =
  | { kind: 'stdio'; command: string }
  | { kind: RemoteServerDefinition['transport']; url: string }
  | { kind: 'mistake'; mistake: string }

function transportOf({ type: written, transport, command, url, oauth }: ServerEntry): Transport {
  const type = written ?? transport
  if (command !== undefined && url !== undefined) return mistake('it has both "command" and "url"; keep one of them')
  if (command === undefined && url === undefined) {
    return mistake('it has neither "command" nor "url"; add the one that reaches the server')
  }
  if (command !== undefined) {
    if (oauth !== undefined) return mistake('its "oauth" is for servers with a "url"; remove it')
    if (type === undefined || type === 'stdio') return { kind: 'stdio', command }
    return mistake(`its type is "${type}" but it has a "command"; remove the type, or give a "url" instead`)
  }
  if (url === undefined || type === 'stdio') return mistake('its type is "stdio" but it has a "url"; use type "http"')
  const wrongLogin = oauth === undefined ? undefined : oauthMistake(oauth)
  if (wrongLogin !== undefined) return mistake(wrongLogin)
  return { kind: type === 'sse' ? 'sse' : 'http', url }
}

function mistake(text: string): Transport {
  return { kind: 'mistake', mistake: text }
}

function settingsOf(entry: WrittenSettings): ServerSettings {
  const { restart = {}, keepAliveMinutes, heartbeatSeconds } = entry
  return filled(DEFAULT_SERVER_SETTINGS, {
    ...entry,
    keepAliveMs: times(keepAliveMinutes, MS_PER_MINUTE),
    restart: filled(DEFAULT_SERVER_SETTINGS.restart, restart),
    heartbeatMs: times(heartbeatSeconds, MS_PER_SECOND),
  })
}

/** The members that there are by default, each as it is written where it is. */
function filled<T extends object>(byDefault: T, written: { [Name in keyof T]?: T[Name] | undefined }): T {
  const names = Object.keys(byDefault) as Array<keyof T>
  return Object.fromEntries(names.map((name) => [name, written[name] ?? byDefault[name]])) as T
}

function times(amount: number | undefined, unitMs: number): number | undefined {
  return amount === undefined ? undefined : amount * unitMs
}

function lack(missing: ReadonlySet<string>, { variablesPath }: ServerSurroundings): Remark {
  const [first] = missing
  const remedy = `put a line ${first}=… into ${variablesPath} or set it in the environment`
  return { path: [], text: `${[...missing].join(', ')} not set; ${remedy}` }
}

function absoluteFolder(folder: string, base: string): string {
  if (folder === '~' || folder.startsWith('~/')) return join(nodeOs().homedir(), folder.slice(1))
  return resolve(base, folder)
}

function mapValues(values: Record<string, string> | undefined, map: (value: string) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(values ?? {}).map(([key, value]) => [key, map(value)]))
}
