import type { CommandContext } from '../command.ts'
import { serverPath } from './server-routes.ts'
import { WorkerAccess } from './worker-access.ts'

/**
 * Has a server of the worker, where one runs, go on with what is stored for it now: it is started anew, or stopped, once its calls in
 * flight are finished. That it cannot be had is for whoever uses it next.
 */
export async function haveServerAnew(
  server: string,
  action: 'restart' | 'stop',
  context: CommandContext,
): Promise<void> {
  const worker = new WorkerAccess(context, 'refuse')
  await worker.ask({ method: 'POST', path: `${serverPath(server)}/${action}` }).catch(() => {})
}
