import { ServiceError } from '../shared/errors/service-error.ts'
import type { ServiceTools } from './service.ts'
import type { ToolCatalog, ToolDefinition } from './tool-catalog/tool-catalog.ts'
import { toolsAsSent } from './tool-catalog/tools-as-sent.ts'

/** The tools that a catalogue knows of a server. Throws `server_unavailable`, with why it knows none. */
export function listedTools(
  server: string,
  catalog: Pick<ToolCatalog, 'servers' | 'skipped' | 'pending'>,
): readonly ToolDefinition[] {
  const listed = catalog.servers().find(({ name }) => name === server)
  if (listed !== undefined) return listed.tools
  throw new ServiceError(
    'server_unavailable',
    `server "${server}": its tools are not known: ${whyNot(server, catalog)}`,
  )
}

/** The same, each as JSON text as the server sent it. */
export function listedToolTexts(
  server: string,
  { catalog, pagesOf }: Pick<ServiceTools, 'catalog' | 'pagesOf'>,
): string[] {
  return toolsAsSent(listedTools(server, catalog), pagesOf(server))
}

function whyNot(server: string, catalog: Pick<ToolCatalog, 'skipped' | 'pending'>): string {
  const reason = catalog.skipped().get(server)
  if (reason !== undefined) return reason
  return catalog.pending().includes(server) ? 'it is being asked for them.' : 'it is not asked for them.'
}
