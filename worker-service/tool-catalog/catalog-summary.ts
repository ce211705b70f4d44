import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writePrivateFile } from '../../shared/files/atomic-file.ts'
import type { ToolCatalog } from './tool-catalog.ts'

/** Leaves `catalog-summary.json` in the cache folder: how many tools can be found and on which servers, for a front that cannot ask. */
export async function writeCatalogSummary(cacheFolder: string, catalog: ToolCatalog): Promise<void> {
  const servers = catalog.servers()
  const tools = servers.reduce((sum, server) => sum + server.tools.length, 0)
  const text = `${JSON.stringify({ tools, servers: servers.map(({ name }) => name) })}\n`
  const path = join(cacheFolder, 'catalog-summary.json')
  if (readIfThere(path) !== text) await writePrivateFile(path, text)
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
