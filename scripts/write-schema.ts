import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { configurationSchema } from '../worker-service/config/json-schema.ts'

/** Where the package has what editors are told of a configuration. */
export const SCHEMA_PATH = join(import.meta.dirname, '../schemas/mcp.schema.json')

/** The text of that file, as it should be. */
export function schemaText(): string {
  return `${JSON.stringify(configurationSchema(), null, 2)}\n`
}

if (import.meta.main) {
  await mkdir(dirname(SCHEMA_PATH), { recursive: true })
  await writeFile(SCHEMA_PATH, schemaText())
}
