import { stopWorker } from '../../shared/stop-worker.ts'
import { defineCommand } from '../command.ts'
import { stoppedLine } from '../worker-lines.ts'

/** The worker's end. */
export const command = defineCommand({
  summary: 'end the worker once what is in flight is finished, and wait for its end',
  details: [
    'Programs that need a worker start it again, unless service.autoStart is off. One that does not end within ten seconds is killed.',
  ],
  examples: [{ line: 'pilot service stop', does: 'end it, or say that none runs' }],
  async run(_, context) {
    const { environment, signal } = context
    context.print(`${stoppedLine(await stopWorker(environment(), {}, signal))}\n`)
  },
})
