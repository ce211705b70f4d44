import type { ServiceError } from '../../shared/errors/service-error.ts'
import type { PoolClient, Session } from '../../worker-service/server-pool/client-session.ts'
import type { ServerPool } from '../../worker-service/server-pool/server-pool.ts'
import type { Message } from './fake-servers.ts'

const HELLO = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } }

/** A client of a pooled server that counts its requests from 1, as clients do. */
export class TestClient implements PoolClient {
  readonly project?: string
  readonly identity?: string
  readonly session?: string
  readonly absentSince?: number
  /** Everything it was sent. */
  readonly messages: Message[] = []
  closedWith: ServiceError | undefined
  drains = 0
  readonly #session: Session
  readonly #answers = new Map<number | string, (message: Message) => void>()
  #lastId = 0

  /** Opens the server and says hello, waiting for nothing. */
  constructor(
    pool: Pick<ServerPool, 'connect'>,
    server: string,
    who: { project?: string; identity?: string; session?: string; absentSince?: number; capabilities?: object } = {},
  ) {
    const { capabilities = {}, ...rest } = who
    Object.assign(this, rest)
    this.#session = pool.connect(server, this)
    this.send({ id: 'hello', method: 'initialize', params: { ...HELLO, capabilities } })
    this.send({ method: 'notifications/initialized' })
  }

  frame(bytes: Buffer): void {
    const message = JSON.parse(bytes.toString()) as Message
    this.messages.push(message)
    if (message.id !== undefined && message.method === undefined) this.#answers.get(message.id)?.(message)
  }

  closed(reason: ServiceError): void {
    this.closedWith = reason
  }

  drained(): void {
    this.drains++
  }

  send(message: Message): boolean {
    return this.#session.send(Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...message })))
  }

  /** Sends a request and resolves with its answer, whatever it is. */
  request(method: string, params: Record<string, unknown> = {}): Promise<Message> {
    const id = ++this.#lastId
    const answered = new Promise<Message>((resolve) => this.#answers.set(id, resolve))
    this.send({ id, method, params })
    return answered
  }

  call(tool = 'echo', args: Record<string, unknown> = {}): Promise<Message> {
    return this.request('tools/call', { name: tool, arguments: args })
  }

  close(): void {
    this.#session.close()
  }
}
