import { ServiceError } from '../../shared/errors/service-error.ts'
import type { WorkerRequest } from '../../shared/worker-client/worker-client.ts'

/** An answer: its status and its body as text. */
export interface QuickResponse {
  readonly status: number
  readonly body: string
}

const HEAD_END = Buffer.from('\r\n\r\n')
const STATUS_LINE = /^HTTP\/1\.[01] (\d{3}) /
const LENGTH = /\r\ncontent-length: *(\d+)/i

/**
 * Sends one request to the worker on its socket and reads the whole answer. By hand, over `node:net`, because loading Node's HTTP client
 * takes a third as long as starting Node; as HTTP/1.0, whose answers come in one piece and end with the connection. Rejects with
 * `server_unavailable` where nobody listens, and with `connection_closed` where the answer is not whole. The worker gives up what was asked
 * when the process ends, so that nothing here has to be cancelled.
 */
export function quickRequest(socketPath: string, request: WorkerRequest): Promise<QuickResponse> {
  const { connect } = process.getBuiltinModule('node:net')
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath)
    const chunks: Buffer[] = []
    let missing = Number.POSITIVE_INFINITY
    // An answer says how long it is; to wait for the end of the connection takes longer.
    socket.on('data', (chunk) => {
      chunks.push(chunk)
      missing = Number.isFinite(missing) ? missing - chunk.length : missingBytes(Buffer.concat(chunks))
      if (missing > 0) return
      resolve(parseResponse(Buffer.concat(chunks)))
      // It ends by itself; to destroy it would have Node open stderr first.
      socket.unref()
    })
    socket.on('error', (error) => reject(toServiceError(error)))
    socket.on('close', () => reject(brokenOff()))
    socket.write(toBytes(request))
  })
}

function toBytes({ method, path, body, headers = {} }: WorkerRequest): string {
  const lines = [`${method} ${path} HTTP/1.0`, 'host: localhost']
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`)
  if (body !== undefined) lines.push('content-type: application/json', `content-length: ${Buffer.byteLength(body)}`)
  return `${lines.join('\r\n')}\r\n\r\n${body?.toString() ?? ''}`
}

/** How many bytes of an answer are still to come; infinitely many where that cannot be told yet. */
function missingBytes(bytes: Buffer): number {
  const end = bytes.indexOf(HEAD_END)
  const length = end < 0 ? undefined : LENGTH.exec(bytes.toString('latin1', 0, end))?.[1]
  return length === undefined ? Number.POSITIVE_INFINITY : end + HEAD_END.length + Number(length) - bytes.length
}

function parseResponse(bytes: Buffer): QuickResponse {
  const end = bytes.indexOf(HEAD_END)
  const status = Number(STATUS_LINE.exec(bytes.toString('latin1', 0, end))?.[1])
  return { status, body: bytes.toString('utf8', end + HEAD_END.length) }
}

function toServiceError(error: NodeJS.ErrnoException): ServiceError {
  const nobody = ['ENOENT', 'ECONNREFUSED', 'ENOTSOCK'].includes(error.code ?? '')
  return nobody ? new ServiceError('server_unavailable', 'No worker runs.', { cause: error }) : brokenOff(error)
}

function brokenOff(cause?: unknown): ServiceError {
  const message = 'The worker ended before it had answered; nobody can tell whether it did what was asked.'
  return new ServiceError('connection_closed', message, { cause })
}
