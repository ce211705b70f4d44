import type { WorkerControl } from './worker-control.ts'

/** The tools of a configured server as it sent them, JSON texts, as far as they are known; starts nothing. Throws `unknown_server`, or `server_unavailable` with why not. */
export function knownToolTexts(
  { servers, toolTextsOf }: Pick<WorkerControl, 'servers' | 'toolTextsOf'>,
  server: string,
): readonly string[] {
  servers.row(server)
  return toolTextsOf(server)
}
