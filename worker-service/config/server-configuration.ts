import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats } from 'node:fs'
import { dirname } from 'node:path'
import { ServiceError } from '../../shared/errors/service-error.ts'
import { DEFAULT_POOL_LIMITS } from '../server-pool/server-definition.ts'
import type { Variables } from './expand-variables.ts'
import { type ConfiguredServers, parseServerDefinitions } from './server-definitions.ts'
import { DEFAULT_SERVICE_SETTINGS } from './service-settings.ts'
import { readVariablesFile } from './variables-file.ts'

/** What is configured, and where. Without a file there are no servers. */
export interface ServerConfiguration extends ConfiguredServers {
  /** The file that was looked for. */
  path: string
  exists: boolean
}

/** Where a configuration and the values of its variables come from. Paths are absolute. */
export interface ServerConfigurationSources {
  /** JSON with comments, as MCP clients have it. */
  path: string
  /** A private file of `NAME=value` lines; it need not exist. Its values win over `variables`. */
  variablesPath: string
  variables: Variables
}

const NOTHING_CONFIGURED: ConfiguredServers = {
  servers: [],
  unusable: [],
  disabled: [],
  limits: DEFAULT_POOL_LIMITS,
  service: DEFAULT_SERVICE_SETTINGS,
  warnings: [],
}

// A pipe would be waited for until somebody writes to it.
const READ_WITHOUT_WAITING = constants.O_RDONLY | constants.O_NONBLOCK
const GROUP_MAY_WRITE = 0o020
const OTHERS_MAY_WRITE = 0o002

// Reads without promises, whose part of `node:fs` takes longer to load than all of this: nothing else goes on at a start.

/** Loads the configuration of servers. Throws one `invalid_configuration` that lists every mistake and what to do about it. */
export function loadServerConfiguration(sources: ServerConfigurationSources): ServerConfiguration {
  const { path, variablesPath } = sources
  const text = readConfiguration(path)
  if (text === undefined) return { path, exists: false, ...NOTHING_CONFIGURED }
  const variables = { ...sources.variables, ...readVariablesFile(variablesPath) }
  const parsed = parseServerDefinitions(text, { folder: dirname(path), variables, variablesPath })
  if (parsed.kind === 'mistakes') throw notUsable(path, parsed.mistakes)
  const { kind: _, ...configured } = parsed
  return { path, exists: true, ...configured }
}

function readConfiguration(path: string): string | undefined {
  const file = openConfiguration(path)
  if (file === undefined) return undefined
  try {
    const found = fstatSync(file)
    if (!found.isFile()) throw notUsable(path, ['it is not a file; give the path of an mcp.json'])
    // It names programs that run as this user.
    if (isWritableByOthers(found)) throw notUsable(path, [`others can write to it; run "chmod go-w ${path}"`])
    return readFileSync(file, 'utf8')
  } finally {
    closeSync(file)
  }
}

function openConfiguration(path: string): number | undefined {
  try {
    return openSync(path, READ_WITHOUT_WAITING)
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    throw notUsable(path, [`it cannot be opened: ${message}`])
  }
}

// Where every user has a group of its own (its number is then the user's) files are writable for the group by default.
function isWritableByOthers({ mode, uid, gid }: Stats): boolean {
  return (mode & OTHERS_MAY_WRITE) !== 0 || ((mode & GROUP_MAY_WRITE) !== 0 && gid !== uid)
}

function notUsable(path: string, mistakes: readonly string[]): ServiceError {
  const lines = mistakes.map((mistake) => `  - ${mistake}`)
  return new ServiceError('invalid_configuration', `The configuration ${path} is not usable:\n${lines.join('\n')}`)
}
