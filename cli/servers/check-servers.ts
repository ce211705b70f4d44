import { showServerName } from '../../shared/contracts/server-name.ts'
import type { ServerStatus } from '../../shared/contracts/server-status.ts'
import { EXIT_BY_CODE } from '../../shared/errors/exit-code.ts'
import type { CommandContext } from '../command.ts'
import { escapeLine } from '../output/escape.ts'
import { WorkerAccess } from '../worker/worker-access.ts'
import { askForServers, type ServerSelection } from './select-servers.ts'

/** Whether a call of a server in this state may be expected to succeed; one that is cold is started by it. */
const IS_WELL: Record<ServerStatus['state'], boolean> = {
  cold: true,
  starting: true,
  ready: true,
  stopping: true,
  'backing-off': false,
  failed: false,
  disabled: false,
}

/** Says of each server that is meant and not well why, a line each; the exit code is then that of `server_unavailable`. */
export async function checkServers(selection: ServerSelection, context: CommandContext): Promise<void> {
  const worker = new WorkerAccess(context, 'refuse')
  for (const { name, state, why } of await askForServers(worker, selection)) {
    if (IS_WELL[state]) continue
    context.exitWith(EXIT_BY_CODE.server_unavailable)
    context.tell(`${escapeLine(`${showServerName(name)}: ${state}: ${why}`)}\n`)
  }
}
