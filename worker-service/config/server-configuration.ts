import { dirname } from 'node:path'
import type { Environment } from '../../shared/environment.ts'
import { ServiceError } from '../../shared/errors/service-error.ts'
import { DEFAULT_POOL_LIMITS } from '../server-pool/server-definition.ts'
import { readConfigurationFile } from './configuration-file.ts'
import type { Variables } from './expand-variables.ts'
import { describeNote, type Note, type Position } from './formats/document.ts'
import { formatOf, parseDocument } from './formats/parse-document.ts'
import type { Path, Remark } from './section-reader.ts'
import { type ConfiguredServers, readServerDefinitions } from './server-definitions.ts'
import { DEFAULT_SERVICE_SETTINGS } from './service-settings.ts'
import { readVariablesFile } from './variables-file.ts'

/** What is configured, and where. Without a file there are no servers. */
export interface ServerConfiguration extends ConfiguredServers {
  /** The file that was read, or looked for. */
  path: string
  exists: boolean
  /** What is odd and was passed over, a sentence each. */
  warnings: string[]
}

/** Where a configuration and the values of its variables come from. Paths are absolute. */
export interface ServerConfigurationSources {
  /** JSON with comments, as MCP clients have it, or YAML or TOML by the end of its name. */
  path: string
  /** Files that stand for it where they are there instead. */
  alternatives?: readonly string[]
  /** A private file of `NAME=value` lines; it need not exist. Its values win over `variables`. */
  variablesPath: string
  variables: Variables
}

/** Where the configuration of this environment comes from. */
export function sourcesOf(environment: Environment, variables: Variables): ServerConfigurationSources {
  const { configPath: path, configAlternatives: alternatives, variablesPath } = environment
  return { path, alternatives, variablesPath, variables }
}

/** What a file comes to, whether or not it can be used. */
export type InspectedConfiguration = {
  path: string
  warnings: Note[]
} & (
  | { kind: 'none' }
  | { kind: 'mistakes'; mistakes: Note[] }
  | ({
      kind: 'servers'
      locate: (path: Path) => Position | undefined
      /** What the format of the file allows and nobody means; looked for only when asked. */
      oddities: () => Note[]
    } & ConfiguredServers)
)

const NOTHING_CONFIGURED: ConfiguredServers = {
  servers: [],
  unusable: [],
  disabled: [],
  limits: DEFAULT_POOL_LIMITS,
  service: DEFAULT_SERVICE_SETTINGS,
}

/** Loads the configuration of servers. Rejects with one `invalid_configuration` that lists every mistake and what to do about it. */
export async function loadServerConfiguration(sources: ServerConfigurationSources): Promise<ServerConfiguration> {
  const { path, ...found } = await inspectConfiguration(sources)
  const warnings = found.warnings.map(({ text }) => text)
  if (found.kind === 'none') return { path, exists: false, warnings, ...NOTHING_CONFIGURED }
  if (found.kind === 'mistakes') throw notUsable(path, found.mistakes)
  const { kind: _, locate: __, oddities: ___, ...configured } = found
  return { path, exists: true, ...configured, warnings }
}

/** Reads a configuration and says everything there is to say of it. Rejects with `invalid_configuration` for the file of variables. */
export async function inspectConfiguration(sources: ServerConfigurationSources): Promise<InspectedConfiguration> {
  const { variablesPath } = sources
  const file = readConfigurationFile(sources)
  const { path } = file
  if (file.kind === 'none') return { kind: 'none', path, warnings: [] }
  if (file.kind === 'mistake') return unreadable(path, [file.mistake])
  // As TOML nothing would mean something, and it is what a writer begins with.
  if (file.text.trim() === '') return unreadable(path, [{ text: 'it is empty', position: undefined }])
  const parsed = await parseDocument(file.text, formatOf(path))
  if (parsed.kind === 'mistakes') return unreadable(path, parsed.mistakes)
  const variables = { ...sources.variables, ...readVariablesFile(variablesPath) }
  const read = readServerDefinitions(parsed.value, { folder: dirname(path), variables, variablesPath })
  const toNotes = (remarks: readonly Remark[]) =>
    remarks.map(({ text, path: place }) => ({ text, position: parsed.locate(place) }))
  const warnings = toNotes(read.warnings)
  if (read.kind === 'mistakes') return { kind: 'mistakes', path, mistakes: toNotes(read.mistakes), warnings }
  const { locate, oddities } = parsed
  return { ...read, path, warnings, locate, oddities }
}

function unreadable(path: string, mistakes: Note[]): InspectedConfiguration {
  return { kind: 'mistakes', path, mistakes, warnings: [] }
}

function notUsable(path: string, mistakes: readonly Note[]): ServiceError {
  const lines = mistakes.map((note) => `  - ${describeNote(note)}`)
  return new ServiceError('invalid_configuration', `The configuration ${path} is not usable:\n${lines.join('\n')}`)
}
