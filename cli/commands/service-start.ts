import { startWorker } from '../../shared/start-worker.ts'
import { defineCommand } from '../command.ts'
import { actOnServers } from '../servers/act-on-servers.ts'
import { namesServers, SERVER_OPTIONS, SERVER_POSITIONALS } from '../servers/select-servers.ts'
import { startedLine } from '../worker-lines.ts'

/** The worker in the background. */
export const command = defineCommand({
  summary: 'start the worker in the background, unless it runs; or servers of it',
  details: [
    'It belongs to no terminal and runs until "pilot service stop", or until nobody has used it for service.autoShutdownMinutes. One in the background of another version is replaced once its calls are finished.',
  ],
  positionals: SERVER_POSITIONALS,
  options: SERVER_OPTIONS,
  examples: [
    { line: 'pilot service start', does: 'start it, or say that it runs' },
    { line: 'pilot service start github', does: 'start one server of the worker, and the worker first' },
  ],
  async run(input, context) {
    if (namesServers(input)) return actOnServers('start', input, context)
    const { environment, variables, signal } = context
    const found = await startWorker({ environment: environment(), variables, mode: 'background' }, signal)
    context.print(`${startedLine(found)}\n`)
  },
})
