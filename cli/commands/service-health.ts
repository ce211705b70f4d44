import { type Environment, workerUrl } from '../../shared/environment.ts'
import { ServiceError } from '../../shared/errors/service-error.ts'
import { WorkerClient } from '../../shared/worker-client/worker-client.ts'

// Below the three seconds after which the containers' health check is killed, so that it can still say why.
const DEADLINE_MS = 2_000

/** Resolves when the worker of this environment is alive. Throws `server_unavailable` or `connection_closed` when it is not. */
export async function checkServiceHealth(environment: Environment): Promise<void> {
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
