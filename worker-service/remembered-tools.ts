import { join } from 'node:path'
import type { Environment } from '../shared/environment.ts'
import { loadServerConfiguration, sourcesOf } from './config/server-configuration.ts'
import { CatalogSnapshot } from './tool-catalog/snapshot.ts'
import type { ToolDefinition } from './tool-catalog/tool-catalog.ts'

/** The configured servers by their names, each with the tools that are remembered of it. */
export type RememberedTools = ReadonlyMap<string, readonly ToolDefinition[]>

/** Reads from disk which servers are configured and what they had when they were last listed; nothing is started. Rejects with `invalid_configuration`. */
export async function readRememberedTools(
  environment: Environment,
  variables: Readonly<Record<string, string | undefined>>,
): Promise<RememberedTools> {
  const { servers } = await loadServerConfiguration(sourcesOf(environment, variables))
  const snapshot = new CatalogSnapshot(join(environment.folders.cache, 'catalog'), () => {})
  return new Map(
    servers.map((definition) => {
      const remembered = snapshot.read(definition)
      return [definition.name, remembered?.kind === 'listing' ? remembered.listing.tools : []]
    }),
  )
}
