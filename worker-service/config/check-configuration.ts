import type { Environment } from '../../shared/environment.ts'
import { ServiceError } from '../../shared/errors/service-error.ts'
import { serverSocketPath } from '../../shared/server-socket.ts'
import type { ServerDefinition } from '../server-pool/server-definition.ts'
import type { Variables } from './expand-variables.ts'
import type { Note } from './formats/document.ts'
import type { Remark } from './section-reader.ts'
import { type InspectedConfiguration, inspectConfiguration, sourcesOf } from './server-configuration.ts'
import { remarksOf } from './server-definitions.ts'

/** What becomes of one entry: it is served, it cannot be used, or it is switched off. */
export interface CheckedServer {
  name: string
  state: 'usable' | 'unusable' | 'disabled'
  transport: ServerDefinition['transport'] | undefined
}

/** All that can be said of a configuration without starting anything. With an error it is not used, or one of its servers never can be. */
export interface ConfigurationReport {
  path: string
  exists: boolean
  servers: CheckedServer[]
  errors: Note[]
  warnings: Note[]
}

/** What is checked, and as whom. */
interface Checked {
  environment: Environment
  variables: Variables
  /** Another file than the environment's. */
  file: string | undefined
}

/** Looks at a configuration as a worker would. Never rejects for what is in the files. */
export async function checkConfiguration({ environment, variables, file }: Checked): Promise<ConfigurationReport> {
  const sources = sourcesOf(environment, variables)
  const chosen = file === undefined ? sources : { ...sources, path: file, alternatives: [] }
  try {
    const report = toReport(await inspectConfiguration(chosen), environment.folders.runtime)
    // A worker starts without a file; whoever names one means one that is there.
    const isMissing = file !== undefined && !report.exists
    return isMissing ? { ...report, errors: [{ text: 'there is no such file', position: undefined }] } : report
  } catch (thrown) {
    const { code, message } = ServiceError.from(thrown)
    if (code !== 'invalid_configuration') throw thrown
    // The file of variables, which names itself.
    const errors = [{ text: message, position: undefined }]
    return { path: chosen.path, exists: true, servers: [], errors, warnings: [] }
  }
}

function toReport(found: InspectedConfiguration, runtimeFolder: string): ConfigurationReport {
  const { path, warnings } = found
  if (found.kind === 'none') return { path, exists: false, servers: [], errors: [], warnings }
  if (found.kind === 'mistakes') return { path, exists: true, servers: [], errors: found.mistakes, warnings }
  const { servers, unusable, disabled, locate, oddities } = found
  const { mistakes, warnings: lacking } = remarksOf(unusable)
  const toNote = ({ text, path: place }: Remark) => ({ text, position: locate(place) })
  return {
    path,
    exists: true,
    servers: [
      ...servers.map(({ name, transport }) => ({ name, transport, state: 'usable' as const })),
      ...unusable.map(({ name }) => ({ name, transport: undefined, state: 'unusable' as const })),
      ...disabled.map((name) => ({ name, transport: undefined, state: 'disabled' as const })),
    ],
    errors: mistakes.map(toNote),
    warnings: [...warnings, ...oddities(), ...lacking.map(toNote), ...collidingSockets(servers, runtimeFolder)],
  }
}

// macOS takes names that differ in the case of their letters for one.
function collidingSockets(servers: readonly ServerDefinition[], runtimeFolder: string): Note[] {
  const names = servers.map(({ name }) => name)
  const bySocket = Map.groupBy(names, (name) => serverSocketPath(runtimeFolder, name).toLowerCase())
  return [...bySocket.values()]
    .filter((colliding) => colliding.length > 1)
    .map((colliding) => ({
      text: `servers ${colliding.map((name) => `"${name}"`).join(' and ')}: their sockets have one name where the case of letters does not count; rename all but one`,
      position: undefined,
    }))
}
