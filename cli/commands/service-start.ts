import { startWorker } from '../../shared/start-worker.ts'
import { defineCommand } from '../command.ts'
import { startedLine } from '../worker-lines.ts'

/** The worker in the background. */
export const command = defineCommand({
  summary: 'start the worker in the background, unless it runs',
  details: [
    'It belongs to no terminal and runs until "pilot service stop", or until nobody has used it for service.autoShutdownMinutes. One in the background of another version is replaced once its calls are finished.',
  ],
  examples: [{ line: 'pilot service start', does: 'start it, or say that it runs' }],
  async run(_, context) {
    const { environment, variables, signal } = context
    const found = await startWorker({ environment: environment(), variables, mode: 'background' }, signal)
    context.print(`${startedLine(found)}\n`)
  },
})
