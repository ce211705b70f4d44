import { startWorker } from '../../shared/start-worker.ts'
import { stopWorker } from '../../shared/stop-worker.ts'
import { defineCommand } from '../command.ts'
import { actOnServers } from '../servers/act-on-servers.ts'
import { namesServers, SERVER_OPTIONS, SERVER_POSITIONALS } from '../servers/select-servers.ts'
import { startedLine, stoppedLine } from '../worker-lines.ts'

/** Another worker in the place of the one that runs. */
export const command = defineCommand({
  summary: 'end the worker, or servers of it, once what is in flight is finished, and start again',
  details: ['MCP clients keep their sessions. A worker that ran in the foreground runs in the background then.'],
  positionals: SERVER_POSITIONALS,
  options: SERVER_OPTIONS,
  examples: [
    { line: 'pilot service restart', does: 'after an update, or a change of the environment' },
    { line: 'pilot service restart github', does: 'one server of the worker' },
  ],
  async run(input, context) {
    if (namesServers(input)) return actOnServers('restart', input, context)
    const { environment, variables, signal } = context
    const stopped = await stopWorker(environment(), {}, signal)
    context.print(`${stoppedLine(stopped)}\n`)
    const found = await startWorker({ environment: environment(), variables, mode: 'background' }, signal)
    context.print(`${startedLine(found)}\n`)
    if (stopped.how !== 'none' && stopped.record?.background === false) {
      context.tell(
        'The one before ran in the foreground; this one runs in the background, and no service manager knows of it.\n',
      )
    }
  },
})
