import { type Environment, workerUrl } from '../../shared/environment.ts'
import { ServiceError } from '../../shared/errors/service-error.ts'
import { WorkerClient } from '../../shared/worker-client/worker-client.ts'
import { defineCommand } from '../command.ts'

// Below the three seconds after which the containers' health check is killed, so that it can still say why.
const DEADLINE_MS = 2_000

/** Whether the worker lives, for health checks. */
export const command = defineCommand({
  summary: 'end with 0 when the worker lives, with 69 and the reason when it does not',
  examples: [{ line: 'pilot service health && echo alive', does: 'a health check; it says nothing when all is well' }],
  run: (_, { environment }) => checkServiceHealth(environment()),
})

/** Resolves when the worker of this environment is alive. Throws `server_unavailable` or `connection_closed` when it is not. */
async function checkServiceHealth(environment: Environment): Promise<void> {
  const url = workerUrl(environment)
  const late = new ServiceError('server_unavailable', `The worker at ${url} gave no answer within ${DEADLINE_MS} ms.`)
  const deadline = new AbortController()
  const timer = setTimeout(() => deadline.abort(late), DEADLINE_MS)
  // Everybody may ask for the health, so no token leaves this process.
  using client = new WorkerClient({ url, readToken: () => undefined })
  try {
    await client.health(deadline.signal)
  } finally {
    clearTimeout(timer)
  }
}
