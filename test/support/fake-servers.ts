import type { Delivery } from '../../shared/errors/json-rpc-error.ts'
import type { ServiceError } from '../../shared/errors/service-error.ts'
import type { AnsweredRequestId } from '../../worker-service/routing/failed-calls.ts'
import type {
  Connection,
  ConnectionEnd,
  Connector,
  FrameReceiver,
} from '../../worker-service/server-pool/connectors/connector.ts'
import type { ServerDefinition } from '../../worker-service/server-pool/server-definition.ts'

/** A JSON-RPC message, loosely. */
export interface Message {
  id?: number | string
  method?: string
  params?: Record<string, unknown>
  result?: Record<string, unknown>
  error?: { code: number; message: string; data?: Record<string, unknown> }
}

/** What fake servers do of their own accord; each can be changed while they run. */
export interface FakeBehaviour {
  /** `refuse`: the connector fails. `silent`: nothing is answered, initialize included. `hold`: calls are answered by hand. */
  start: 'ready' | 'refuse' | 'silent'
  calls: 'answer' | 'hold'
  pings: 'answer' | 'ignore'
  /** Whether a server ends at once when it is stopped, or by hand. */
  stop: 'at once' | 'hold'
  memoryMb: number
  /** What a server of this name can do besides tools: what it says of it, and its results by method; one that is undefined does not come. */
  features: Readonly<Record<string, FakeFeatures>>
}

export interface FakeFeatures {
  readonly capabilities: object
  readonly results: Readonly<Record<string, (params: Record<string, unknown>) => Record<string, unknown> | undefined>>
}

/** Stands in for every server at the connector's seam. */
export class FakeServers {
  readonly behaviour: FakeBehaviour = {
    start: 'ready',
    calls: 'answer',
    pings: 'answer',
    stop: 'at once',
    memoryMb: 10,
    features: {},
  }
  /** Every connection there ever was, oldest first. */
  readonly opened: FakeConnection[] = []

  readonly connect: Connector = async (definition, signal) => {
    signal.throwIfAborted()
    if (this.behaviour.start === 'refuse') throw new Error(`no ${definition.name}`)
    const connection = new FakeConnection(definition, this.behaviour, this.opened.length + 1)
    this.opened.push(connection)
    return connection
  }

  get running(): FakeConnection[] {
    return this.opened.filter(({ isOver }) => !isOver)
  }

  get last(): FakeConnection {
    const last = this.opened.at(-1)
    if (last === undefined) throw new Error('No server was started.')
    return last
  }
}

export class FakeConnection implements Connection {
  readonly definition: ServerDefinition
  readonly processId: number
  readonly skippedLines = 0
  readonly waitingBytes = 0
  readonly closed: Promise<ConnectionEnd>
  /** Everything that was sent to it. */
  readonly messages: Message[] = []
  /** Of each frame that was taken from it, whether it ended a request. */
  readonly taken: boolean[] = []
  isOver = false
  readonly #behaviour: FakeBehaviour
  readonly #end = Promise.withResolvers<ConnectionEnd>()
  readonly #gone = Promise.withResolvers<void>()
  #receiver: FrameReceiver | undefined

  constructor(definition: ServerDefinition, behaviour: FakeBehaviour, processId: number) {
    this.definition = definition
    this.processId = processId
    this.#behaviour = behaviour
    this.closed = this.#end.promise
  }

  /** The calls that were sent to it. */
  get calls(): Message[] {
    return this.messages.filter(({ method }) => method === 'tools/call')
  }

  receive(receiver: FrameReceiver): void {
    this.#receiver = receiver
  }

  async send(frame: Buffer | string): Promise<void> {
    this.write(frame)
  }

  write(frame: Buffer | string): boolean {
    const message = JSON.parse(frame.toString()) as Message
    this.messages.push(message)
    queueMicrotask(() => this.#react(message))
    return true
  }

  tookFrame(_: number, isAnswer: boolean): void {
    this.taken.push(isAnswer)
  }

  lastWords(): string[] {
    return ['last words']
  }

  say(message: Message): void {
    this.#receiver?.frame(Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...message })))
  }

  /** Answers the oldest call that was not, or the one given. */
  answer(call = this.calls.at(-1)): void {
    if (call?.id !== undefined) this.say({ id: call.id, result: { content: [], echo: call.params?.arguments } })
  }

  sayTooMuch(answered: AnsweredRequestId = 'unknown'): void {
    this.#receiver?.oversizedFrame(answered)
  }

  /** Gives no answer to the last call. */
  leaveUnanswered(error: ServiceError, delivered: Delivery): void {
    const id = this.calls.at(-1)?.id
    if (typeof id === 'number') this.#receiver?.unanswered?.(id, error, delivered)
  }

  renewSession(): void {
    this.#receiver?.sessionRenewed?.()
  }

  crash(code = 1): void {
    this.isOver = true
    this.#end.resolve({ kind: 'exited', code, signal: null })
    this.#gone.resolve()
  }

  fail(error: ServiceError): void {
    this.isOver = true
    this.#end.resolve({ kind: 'lost', error })
    this.#gone.resolve()
  }

  /** Lets a server that is being stopped end. */
  release(): void {
    this.isOver = true
    this.#gone.resolve()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.resolve({ kind: 'stopped' })
    if (this.#behaviour.stop === 'at once') this.release()
    await this.#gone.promise
  }

  #react({ id, method, params }: Message): void {
    const { start, calls, pings, features } = this.#behaviour
    if (this.isOver || id === undefined || start === 'silent') return
    const serverInfo = { name: this.definition.name, version: '1' }
    const { capabilities, results } = features[this.definition.name] ?? { capabilities: {}, results: {} }
    const greeting = { protocolVersion: '2025-11-25', capabilities: { tools: {}, ...capabilities }, serverInfo }
    const result = results[method ?? '']?.(params ?? {})
    if (result !== undefined) return this.say({ id, result })
    if (method === 'initialize') this.say({ id, result: greeting })
    if (method === 'ping' && pings === 'answer') this.say({ id, result: {} })
    if (method === 'tools/list') this.say({ id, result: { tools: [] } })
    if (method === 'tools/call' && calls === 'answer') this.answer({ id, method, params: params ?? {} })
  }
}
