import { SERVER_NAME, showServerName } from '../../shared/contracts/server-name.ts'
import type { ServerStatus } from '../../shared/contracts/server-status.ts'
import { EXIT_BY_CODE } from '../../shared/errors/exit-code.ts'
import { ServiceError } from '../../shared/errors/service-error.ts'
import type { CommandContext } from '../command.ts'
import { escapeLine } from '../output/escape.ts'
import { openScreen } from '../output/screen.ts'
import { waiting } from '../output/waiting.ts'
import { type WhenAway, WorkerAccess } from '../worker/worker-access.ts'
import { askForServers, type ServerSelection } from './select-servers.ts'

/** What can be done with a server of a running worker. */
export type ServerAction = 'start' | 'stop' | 'restart'

const WHEN_AWAY: Record<ServerAction, WhenAway> = { start: 'start', stop: 'refuse', restart: 'start' }

/**
 * Starts, stops or restarts the servers that are meant, all at once, and prints a line for each. One that fails keeps nobody else from it;
 * the exit code is that of the first.
 */
export async function actOnServers(
  action: ServerAction,
  selection: ServerSelection,
  context: CommandContext,
): Promise<void> {
  const worker = new WorkerAccess(context, WHEN_AWAY[action])
  const selected = await askForServers(worker, selection)
  const act = async ({ name, why }: ServerStatus) => {
    try {
      // It can be named to nobody but here.
      if (!SERVER_NAME.test(name)) throw new ServiceError('server_unavailable', why)
      const answer = await worker.ask({ method: 'POST', path: `/servers/${name}/${action}` })
      return { name, row: JSON.parse(answer) as ServerStatus }
    } catch (thrown) {
      return { name, error: ServiceError.from(thrown) }
    }
  }
  const outcomes = await waiting(`${action} ${selected.map(({ name }) => name).join(', ')}`, () =>
    Promise.all(selected.map(act)),
  )
  const { style } = openScreen(context.variables)
  for (const { name, row, error } of outcomes) {
    if (row !== undefined) {
      context.print(`${style.bold(name)}: ${row.state}\n`)
      continue
    }
    context.exitWith(EXIT_BY_CODE[error.code])
    context.tell(`${escapeLine(showServerName(name))}: ${escapeLine(error.message)}\n`)
  }
}
