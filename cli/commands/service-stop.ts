import { stopWorker } from '../../shared/stop-worker.ts'
import { defineCommand } from '../command.ts'
import { actOnServers } from '../servers/act-on-servers.ts'
import { namesServers, SERVER_OPTIONS, SERVER_POSITIONALS } from '../servers/select-servers.ts'
import { stoppedLine } from '../worker-lines.ts'

/** The worker's end. */
export const command = defineCommand({
  summary: 'end the worker, or servers of it, once what is in flight is finished',
  details: [
    'Programs that need a worker start it again, unless service.autoStart is off. One that does not end within ten seconds is killed.',
  ],
  positionals: SERVER_POSITIONALS,
  options: SERVER_OPTIONS,
  examples: [
    { line: 'pilot service stop', does: 'end it, or say that none runs' },
    { line: 'pilot service stop --except github', does: 'stop every server but one; the worker goes on' },
  ],
  async run(input, context) {
    if (namesServers(input)) return actOnServers('stop', input, context)
    const { environment, signal } = context
    context.print(`${stoppedLine(await stopWorker(environment(), {}, signal))}\n`)
  },
})
