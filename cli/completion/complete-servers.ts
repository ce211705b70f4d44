import { serverPath } from '../calls/tool-host.ts'
import type { Complete } from '../command.ts'
import { WorkerAccess } from '../worker/worker-access.ts'

/** The names of the worker's servers; none where no worker runs. */
export const completeServers: Complete = async (context) => {
  const answer = await new WorkerAccess(context, 'refuse').ask({ method: 'GET', path: '/servers' })
  return (JSON.parse(answer) as { servers: { name: string }[] }).servers.map(({ name }) => name)
}

/** The names of the tools of the server that is typed before. */
export const completeTools: Complete = async (context, [server = '']) => {
  const answer = await new WorkerAccess(context, 'refuse').ask({ method: 'GET', path: `${serverPath(server)}/tools` })
  return (JSON.parse(answer) as { tools: { name: string }[] }).tools.map(({ name }) => name)
}
