import { join } from 'node:path'
import type { StdioServerDefinition } from '../../worker-service/server-pool/server-definition.ts'

const FOLDER = join(import.meta.dirname, '../fixtures/servers')

/** The definition of a fixture server, by the name of its program. */
export function fixtureServer(
  program: string,
  { args = [], ...rest }: Partial<StdioServerDefinition> = {},
): StdioServerDefinition {
  return {
    name: program,
    transport: 'stdio',
    command: process.execPath,
    args: [join(FOLDER, `${program}.cjs`), ...args],
    env: {},
    cwd: undefined,
    startTimeoutMs: 10_000,
    maxMessageBytes: 8 * 1024 * 1024,
    includeTools: [],
    excludeTools: [],
    pinnedTools: [],
    ...rest,
  }
}
