import { deadlineAfter } from '../../shared/deadline.ts'
import { type Environment, workerUrl } from '../../shared/environment.ts'
import { ServiceError } from '../../shared/errors/service-error.ts'
import { WorkerClient } from '../../shared/worker-client/worker-client.ts'
import { defineCommand } from '../command.ts'
import { namesServers, SERVER_OPTIONS, SERVER_POSITIONALS } from '../servers/select-servers.ts'

// Below the three seconds after which the containers' health check is killed, so that it can still say why.
const DEADLINE_MS = 2_000

/** Whether the worker lives, for health checks. */
export const command = defineCommand({
  summary: 'end with 0 when the worker lives, or servers of it are well, with 69 and the reason when not',
  details: ['A server is well where its next call may be expected to succeed, be it running or not.'],
  positionals: SERVER_POSITIONALS,
  options: SERVER_OPTIONS,
  examples: [
    { line: 'pilot service health && echo alive', does: 'a health check; it says nothing when all is well' },
    { line: 'pilot service health github', does: 'whether one server of the worker is well' },
  ],
  async run(input, context) {
    if (!namesServers(input)) return checkServiceHealth(context.environment())
    const { checkServers } = await import('../servers/check-servers.ts')
    return checkServers(input, context)
  },
})

/** Resolves when the worker of this environment is alive. Throws `server_unavailable` or `connection_closed` when it is not. */
async function checkServiceHealth(environment: Environment): Promise<void> {
  const url = workerUrl(environment)
  const late = new ServiceError('server_unavailable', `The worker at ${url} gave no answer within ${DEADLINE_MS} ms.`)
  using deadline = deadlineAfter(DEADLINE_MS, late)
  // Everybody may ask for the health, so no token leaves this process.
  using client = new WorkerClient({ url, readToken: () => undefined })
  await client.health(deadline.signal)
}
