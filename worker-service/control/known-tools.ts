import type { ToolDefinition } from '../tool-catalog/tool-catalog.ts'
import type { WorkerControl } from './worker-control.ts'

/** The tools of a configured server, as far as they are known; starts nothing. Throws `unknown_server`, or `server_unavailable` with why not. */
export function knownTools(
  { servers, toolsOf }: Pick<WorkerControl, 'servers' | 'toolsOf'>,
  server: string,
): readonly ToolDefinition[] {
  servers.row(server)
  return toolsOf(server)
}
