import { createInterface } from 'node:readline'
import { type Environment, workerUrl } from '../../shared/environment.ts'
import { ServiceError } from '../../shared/errors/service-error.ts'
import { isNobodyListening } from '../../shared/errors/system-code.ts'
import { controlSocketPath } from '../../shared/server-socket.ts'
import { readBytes, WorkerClient } from '../../shared/worker-client/worker-client.ts'
import { readWorkerToken } from '../../shared/worker-client/worker-token.ts'
import { toError } from './response-error.ts'

const MAX_ERROR_BYTES = 65_536

/**
 * The data of each event of a stream of the worker, until it ends. Throws the ServiceError that the worker answers with,
 * `server_unavailable` where none runs, `connection_closed` where the stream breaks off, and the signal's reason.
 */
export async function* workerEvents(
  environment: Environment,
  path: string,
  signal: AbortSignal,
): AsyncGenerator<string> {
  using client = openClient(environment)
  const headers = { accept: 'text/event-stream' }
  const response = await client.exchange({ method: 'GET', path, headers }, signal).catch((thrown: unknown) => {
    throw orNobody(thrown, environment)
  })
  const status = response.statusCode ?? 0
  if (status !== 200) throw toError(status, (await readBytes(response, MAX_ERROR_BYTES)).toString())
  try {
    yield* eventsOf(createInterface({ input: response, crlfDelay: Infinity }))
  } catch (cause) {
    signal.throwIfAborted()
    throw new ServiceError('connection_closed', 'The worker is gone.', { cause })
  }
  signal.throwIfAborted()
}

// Each event of ours has one line of data, or several for a text of several lines.
async function* eventsOf(lines: AsyncIterable<string>): AsyncGenerator<string> {
  let data: string[] = []
  for await (const line of lines) {
    if (line.startsWith('data:')) data.push(line.slice('data:'.length).replace(/^ /, ''))
    if (line !== '' || data.length === 0) continue
    yield data.join('\n')
    data = []
  }
}

function openClient(environment: Environment): WorkerClient {
  const { worker, folders } = environment
  if (worker.url !== undefined)
    return new WorkerClient({ url: workerUrl(environment), readToken: () => readWorkerToken(worker) })
  const socketPath = controlSocketPath(folders.runtime)
  return new WorkerClient({ url: 'http://localhost', socketPath, readToken: () => undefined })
}

function orNobody(thrown: unknown, { configPath }: Environment): unknown {
  const { cause } = ServiceError.from(thrown)
  if (!isNobodyListening(cause)) return thrown
  return new ServiceError('server_unavailable', nobodyServes(configPath), { cause })
}

/** What is said where no worker runs. */
export function nobodyServes(configPath: string): string {
  return `No worker runs for ${configPath}. "pilot service start" starts one.`
}
