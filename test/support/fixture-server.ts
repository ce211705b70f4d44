import { join } from 'node:path'
import {
  DEFAULT_SERVER_SETTINGS,
  type StdioServerDefinition,
} from '../../worker-service/server-pool/server-definition.ts'

const FOLDER = join(import.meta.dirname, '../fixtures/servers')

/** The definition of a fixture server, by the name of its program. */
export function fixtureServer(
  program: string,
  { args = [], ...rest }: Partial<StdioServerDefinition> = {},
): StdioServerDefinition {
  return {
    ...DEFAULT_SERVER_SETTINGS,
    name: program,
    transport: 'stdio',
    command: process.execPath,
    args: [join(FOLDER, `${program}.cjs`), ...args],
    env: {},
    cwd: undefined,
    startTimeoutMs: 60_000,
    ...rest,
  }
}

/** What a fixture server is started with. */
interface FixtureEntry {
  readonly command: string
  readonly args: readonly string[]
}

/** An entry of `mcpServers` that runs a fixture server, by the name of its program. */
export function fixtureEntry(program: string, args: readonly unknown[] = [], settings: object = {}): FixtureEntry {
  return { command: process.execPath, args: [join(FOLDER, `${program}.cjs`), ...args.map(String)], ...settings }
}
