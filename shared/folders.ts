import { isAbsolute, join, resolve } from 'node:path'
import { fingerprint } from './fingerprint.ts'

// Apart from the rest of the environment because it is needed before anything else is loaded.

/** The variables of an environment. */
export type Variables = Readonly<Record<string, string | undefined>>

/** Which configuration is meant, and what its worker has of its own because of it. */
export interface ConfigurationPlace {
  /** The configuration file, an absolute path. */
  configPath: string
  /** Where its worker is met: a folder. */
  runtime: string
  /** Whether no other file was named. */
  isDefault: boolean
  /** Ends the names of what each configuration has of its own; empty for the default one. */
  suffix: string
}

/** Finds out which configuration is meant. One other than the default has a runtime folder of its own, so that two never join by accident. */
export function configurationPlace(variables: Variables): ConfigurationPlace {
  const defaultPath = join(configFolder(variables), 'mcp.json')
  const configPath = resolve(readText(variables, 'PILOTLIGHT_CONFIG') ?? defaultPath)
  const runtime = runtimeFolder(variables)
  if (configPath === defaultPath) return { configPath, runtime, isDefault: true, suffix: '' }
  const suffix = `-${fingerprint(configPath)}`
  return { configPath, runtime: join(runtime, `config${suffix}`), isDefault: false, suffix }
}

/** What a variable says; an empty value means unset. */
export function readText(variables: Variables, name: string): string | undefined {
  const value = variables[name]?.trim()
  return value === '' ? undefined : value
}

/** Where the user's configuration lies. */
export function configFolder(variables: Variables): string {
  return baseFolder(variables, 'XDG_CONFIG_HOME', '.config')
}

/** Where lies what must outlive the machine's restart: logs, logins, what is attached. */
export function stateFolder(variables: Variables): string {
  return baseFolder(variables, 'XDG_STATE_HOME', join('.local', 'state'))
}

/** Where things lie that can be made again. */
export function cacheFolder(variables: Variables): string {
  return baseFolder(variables, 'XDG_CACHE_HOME', '.cache')
}

function runtimeFolder(variables: Variables): string {
  const base = readAbsolutePath(variables, 'XDG_RUNTIME_DIR')
  if (base !== undefined) return join(base, 'pilotlight')
  // Without a runtime folder of the user's own the temporary one is shared with others, so the name carries the user.
  const { tmpdir, userInfo } = nodeOs()
  return join(tmpdir(), `pilotlight-${userInfo().uid}`)
}

/** Our folder in the one that a variable names, or in that of the user's home that stands for it. */
function baseFolder(variables: Variables, name: string, inHome: string): string {
  const home = () => readAbsolutePath(variables, 'HOME') ?? nodeOs().homedir()
  return join(readAbsolutePath(variables, name) ?? join(home(), inHome), 'pilotlight')
}

// The XDG specification: a relative path is invalid and is to be ignored.
function readAbsolutePath(variables: Variables, name: string): string | undefined {
  const value = readText(variables, name)
  return value !== undefined && isAbsolute(value) ? value : undefined
}

/** `node:os`, for where variables do not say it all: to load it takes a hundredth of starting Node. */
export function nodeOs(): typeof import('node:os') {
  return process.getBuiltinModule('node:os')
}
