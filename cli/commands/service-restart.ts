import { startWorker } from '../../shared/start-worker.ts'
import { stopWorker } from '../../shared/stop-worker.ts'
import { defineCommand } from '../command.ts'
import { startedLine, stoppedLine } from '../worker-lines.ts'

/** Another worker in the place of the one that runs. */
export const command = defineCommand({
  summary: 'end the worker once what is in flight is finished, and start it in the background',
  details: ['MCP clients keep their sessions. A worker that ran in the foreground runs in the background then.'],
  examples: [{ line: 'pilot service restart', does: 'after an update, or a change of the environment' }],
  async run(_, context) {
    const { environment, variables, signal } = context
    context.print(`${stoppedLine(await stopWorker(environment(), {}, signal))}\n`)
    const found = await startWorker({ environment: environment(), variables, mode: 'background' }, signal)
    context.print(`${startedLine(found)}\n`)
  },
})
