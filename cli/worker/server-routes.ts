import { SERVER_NAME } from '../../shared/contracts/server-name.ts'
import type { ServerStatus } from '../../shared/contracts/server-status.ts'
import { ServiceError } from '../../shared/errors/service-error.ts'
import type { HostedTool } from '../calls/tool-host.ts'
import type { WorkerAccess } from './worker-access.ts'

/** Where the worker has a server. Throws `unknown_server` for what is no name, and must not become another path. */
export function serverPath(server: string): string {
  if (!SERVER_NAME.test(server)) {
    throw new ServiceError('unknown_server', `${JSON.stringify(server)} is no server's name.`)
  }
  return `/servers/${server}`
}

/** What the worker says of each of its servers. Rejects as asking it does. */
export async function serversOf(worker: WorkerAccess): Promise<ServerStatus[]> {
  const answer = await worker.ask({ method: 'GET', path: '/servers' })
  return (JSON.parse(answer) as { servers: ServerStatus[] }).servers
}

/** The tools of a server as the worker knows them; where it does not, it may ask the server. Rejects as asking it does. */
export async function toolsOf(
  worker: WorkerAccess,
  server: string,
  { mayAsk }: { mayAsk: boolean },
): Promise<HostedTool[]> {
  const answer = await worker.ask({ method: 'GET', path: `${serverPath(server)}/tools${mayAsk ? '?ask=1' : ''}` })
  return (JSON.parse(answer) as { tools: HostedTool[] }).tools
}
