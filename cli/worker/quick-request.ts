import { ServiceError } from '../../shared/errors/service-error.ts'
import { isNobodyListening } from '../../shared/errors/system-code.ts'
import type { WorkerRequest } from '../../shared/worker-client/worker-client.ts'
import { exchangeOverNet } from './exchange-over-net.ts'
import { exchangeOverPipe } from './exchange-over-pipe.ts'

/** An answer: its status and its body as text. */
export interface QuickResponse {
  readonly status: number
  readonly body: string
}

const HEAD_END = '\r\n\r\n'
const STATUS_LINE = /^HTTP\/1\.[01] (\d{3}) /
const LENGTH = /\r\ncontent-length: *(\d+)/i

/**
 * Sends one request to the worker on its socket and reads the whole answer. By hand, because loading Node's HTTP client takes a third as
 * long as starting Node; as HTTP/1.0, whose answers come in one piece and end with the connection. Rejects with `server_unavailable` where
 * nobody listens, with `connection_closed` where the answer is not whole, and with the reason of the signal, for which is asked once the
 * request is on its way: to take signals over costs as much as to wait for the answer, and then it costs nothing. The worker gives up what
 * was asked when the connection ends.
 */
export function quickRequest(
  socketPath: string,
  request: WorkerRequest,
  signal: () => AbortSignal,
): Promise<QuickResponse> {
  return new Promise((resolve, reject) => {
    const answer = new Answer()
    const exchange = {
      socketPath,
      request: toText(request),
      sent: () => signal().addEventListener('abort', interrupt),
      received: (bytes: Buffer) => {
        if (!answer.takeIn(bytes)) return false
        resolve(answer.read())
        return true
      },
      ended: (error?: Error) => reject(toServiceError(error)),
    }
    const hangUp = exchangeOverPipe(exchange) ?? exchangeOverNet(exchange)
    function interrupt(): void {
      hangUp()
      reject(signal().reason)
    }
  })
}

function toText({ method, path, body, headers = {} }: WorkerRequest): string {
  const lines = [`${method} ${path} HTTP/1.0`, 'host: localhost']
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`)
  if (body !== undefined) lines.push('content-type: application/json', `content-length: ${Buffer.byteLength(body)}`)
  return `${lines.join('\r\n')}${HEAD_END}${body?.toString() ?? ''}`
}

/** An answer as it comes in. It says how long it is; to wait for the end of the connection takes longer. */
class Answer {
  readonly #chunks: Buffer[] = []
  #head = ''
  #missing = 0

  /** Whether these bytes make it whole. */
  takeIn(bytes: Buffer): boolean {
    this.#chunks.push(bytes)
    if (this.#head !== '') this.#missing -= bytes.length
    else this.#readHead(Buffer.concat(this.#chunks))
    return this.#head !== '' && this.#missing <= 0
  }

  read(): QuickResponse {
    const status = Number(STATUS_LINE.exec(this.#head)?.[1])
    return { status, body: Buffer.concat(this.#chunks).toString('utf8', this.#head.length) }
  }

  #readHead(bytes: Buffer): void {
    const end = bytes.indexOf(HEAD_END)
    if (end < 0) return
    const head = bytes.toString('latin1', 0, end + HEAD_END.length)
    const length = LENGTH.exec(head)?.[1]
    if (length === undefined) return
    this.#head = head
    this.#missing = head.length + Number(length) - bytes.length
  }
}

function toServiceError(cause: Error | undefined): ServiceError {
  if (isNobodyListening(cause)) return new ServiceError('server_unavailable', 'No worker runs.', { cause })
  const message = 'The worker ended before it had answered; nobody can tell whether it did what was asked.'
  return new ServiceError('connection_closed', message, { cause })
}
