import { resolve } from 'node:path'
import { isJsonObject } from '../../../shared/json-object.ts'

/** An entry as `mcp.json` has it. */
export type OwnEntry = Record<string, unknown>

/** What a client's entry comes to here, and what is to be done about it; or why it cannot be had. */
export type TranslatedEntry = { kind: 'entry'; entry: OwnEntry; notes: string[] } | { kind: 'unfit'; reason: string }

/** What entries may stand for by a name: the home folder, and that of the project whose entries they are. */
export interface ClientPlaces {
  home: string
  project?: string | undefined
}

const PROJECT_FOLDER = /\$\{(workspaceFolder|workspaceRoot|cwd)\}/g
const OF_ONE_PROJECT = /\$\{(workspaceFolder|workspaceRoot|file|cwd)\b/
const MS_PER_SECOND = 1_000

/** Makes an entry of ours of that of any client: each spells some things its own way, and none means another's by it. */
export function translateEntry(value: unknown, places: ClientPlaces): TranslatedEntry {
  if (!isJsonObject(value)) return { kind: 'unfit', reason: 'it is not an object' }
  // Zed once kept the whole command in one member.
  const written = isJsonObject(value.command) ? { ...value, ...value.command, command: value.command.path } : value
  const notes: string[] = []
  const expand = <T>(part: T): T => withOwnVariables(part, { ...places, notes })
  const entry = compact({
    type: written.type === 'stdio' || written.type === 'http' ? undefined : written.type,
    command: expand(written.command),
    args: expand(written.args),
    env: expand(withForwarded(written.env, written.env_vars)),
    cwd: folderOf(written, expand(written.cwd), places),
    url: expand(written.url ?? written.serverUrl ?? written.httpUrl),
    headers: expand(headersOf(written)),
    startTimeoutMs: inMs(written.startup_timeout_sec) ?? written.startup_timeout_ms,
    callTimeoutMs: inMs(written.tool_timeout_sec),
    includeTools: written.enabled_tools,
    excludeTools: written.disabled_tools ?? written.disabledTools,
    disabled: written.disabled === true || written.enabled === false ? true : undefined,
  })
  if (entry.command === undefined && entry.url === undefined) {
    return { kind: 'unfit', reason: 'it has neither a command nor a URL; an extension of the client may bring it' }
  }
  if (OF_ONE_PROJECT.test(JSON.stringify(entry))) {
    return { kind: 'unfit', reason: 'it means the folder of one project; write that folder and add it by hand' }
  }
  if (typeof written.envFile === 'string')
    notes.push(`has variables in ${written.envFile}, which is not read; put them into its env`)
  return { kind: 'entry', entry, notes }
}

// The client runs a project's servers in the project's folder.
function folderOf({ command }: Record<string, unknown>, cwd: unknown, { project }: ClientPlaces): unknown {
  if (project === undefined || command === undefined) return cwd
  return resolve(project, typeof cwd === 'string' ? cwd : '.')
}

function headersOf({ headers, http_headers, env_http_headers, bearer_token_env_var: bearer }: Record<string, unknown>) {
  const fromEnvironment = Object.entries(isJsonObject(env_http_headers) ? env_http_headers : {})
  return {
    ...(isJsonObject(headers) ? headers : {}),
    ...(isJsonObject(http_headers) ? http_headers : {}),
    ...Object.fromEntries(fromEnvironment.map(([name, variable]) => [name, `\${${String(variable)}}`])),
    ...(typeof bearer === 'string' && { Authorization: `Bearer \${${bearer}}` }),
  }
}

// Variables that the client hands on by their names.
function withForwarded(env: unknown, names: unknown) {
  const forwarded = Array.isArray(names) ? names.filter((name) => typeof name === 'string') : []
  return {
    ...Object.fromEntries(forwarded.map((name) => [name, `\${${name}:-}`])),
    ...(isJsonObject(env) ? env : {}),
  }
}

/** Replaces what stands for a value in another client by what does here. */
function withOwnVariables<T>(part: T, { home, project, notes }: ClientPlaces & { notes: string[] }): T {
  if (part === undefined) return part
  const text = JSON.stringify(part)
    .replaceAll(/\$\{env:([A-Za-z_]\w*)\}/g, (_, name: string) => `\${${name}}`)
    .replaceAll('${userHome}', home)
    .replaceAll(PROJECT_FOLDER, (variable) => project ?? variable)
    .replaceAll(/\$\{input:([^}]+)\}/g, (_, id: string) => {
      const name = id.toUpperCase().replaceAll(/\W/g, '_')
      notes.push(`asks for ${id}: put a line ${name}=… into the file of variables`)
      return `\${${name}}`
    })
  return JSON.parse(text) as T
}

function inMs(seconds: unknown): number | undefined {
  return typeof seconds === 'number' ? Math.round(seconds * MS_PER_SECOND) : undefined
}

function compact(entry: Record<string, unknown>): OwnEntry {
  const isSet = (value: unknown) => value !== undefined && value !== null && JSON.stringify(value) !== '{}'
  return Object.fromEntries(Object.entries(entry).filter(([, value]) => isSet(value)))
}
