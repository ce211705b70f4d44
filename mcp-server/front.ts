import { FIND_TOOLS_NAME } from '../shared/contracts/find-tools-fields.ts'
import { type FindToolsReply, refuseWithoutQuery, toToolResult } from '../shared/contracts/find-tools-tool.ts'
import { greetingResult } from '../shared/contracts/greeting.ts'
import { isListMethod } from '../shared/contracts/list-methods.ts'
import { INVALID_REQUEST, METHOD_NOT_FOUND } from '../shared/errors/json-rpc-code.ts'
import { ServiceError } from '../shared/errors/service-error.ts'
import {
  type AnswerFrame,
  type NotificationFrame,
  type RequestFrame,
  readString,
  readToken,
  type Token,
} from '../shared/frames/frame-scan.ts'
import { recalledFrame, resultFrame } from '../shared/frames/frame-write.ts'
import { LATEST_PROTOCOL_VERSION } from '../shared/frames/protocol-version.ts'
import { readParams } from '../shared/frames/read-params.ts'
import { failureFrame, refusalFrame } from '../shared/frames/replies.ts'
import { isJsonObject } from '../shared/json-object.ts'
import type { Bridge } from './bridge.ts'
import type { ClientPartner } from './client-pipes.ts'
import { MAX_IN_FLIGHT, tooManyInFlight } from './client-requests.ts'
import type { AnswerRequest } from './one-shot-answers.ts'
import type { StderrLog } from './stderr-log.ts'

/** What a {@link Front} speaks through and asks. */
export interface FrontOptions {
  /** Sends one frame, without its newline. */
  send: (frame: Buffer) => void
  /** Answers find_tools; `input` is the arguments as JSON text. Rejects only with the signal's reason. */
  findTools: (input: string, signal: AbortSignal) => Promise<FindToolsReply>
  /** The tools that a client is shown first, as they are remembered (the result, JSON); undefined where they are not. */
  rememberedTools: () => Buffer | undefined
  /** Answers a list without the worker; undefined where only the worker may. */
  list: AnswerRequest | undefined
  /** Answers everything else. */
  bridge: Pick<
    Bridge,
    | 'answer'
    | 'has'
    | 'hold'
    | 'inputEnded'
    | 'introduce'
    | 'isUp'
    | 'listChanged'
    | 'noteList'
    | 'noteTools'
    | 'notify'
    | 'release'
    | 'request'
    | 'settled'
    | 'size'
  >
  log: StderrLog
}

// Said before initialize too, so that clients of later protocols learn at once that we do not speak theirs.
const KNOWN_METHODS: readonly string[] = ['tools/list', 'tools/call', 'logging/setLevel']

/**
 * The MCP server that a client talks to: answers each request exactly once, unless the client cancels it. It answers initialize and
 * ping, asks for find_tools itself, and passes everything else on.
 */
export class Front implements ClientPartner {
  readonly #options: FrontOptions
  /** What we are at work on ourselves. */
  readonly #inFlight = new Map<string | number, AbortController>()
  readonly #answers = new Set<Promise<void>>()
  #initialized = false
  /** Whether the client may have tools of its own by now. */
  #hasSearched = false

  constructor(options: FrontOptions) {
    this.#options = options
  }

  request(frame: RequestFrame): boolean {
    const { id, method } = frame
    if (this.#inFlight.has(id.value) || this.#options.bridge.has(id.value)) {
      return this.#refuse(id, INVALID_REQUEST, 'A request with this id is in flight already.')
    }
    if (method === 'ping') return this.#reply(id, '{}')
    if (method === 'initialize') return this.#greet(frame)
    if (!this.#initialized) return this.#refuseUnintroduced(frame)
    if (method === 'tools/call' && readString(frame, 'params.name') === FIND_TOOLS_NAME) {
      return this.#perform(frame, async (signal) => resultFrame(id.raw, await this.#findTools(frame, signal)))
    }
    return isListMethod(method) ? this.#list(frame) : this.#options.bridge.request(frame)
  }

  notify(frame: NotificationFrame): boolean {
    const id = frame.method === 'notifications/cancelled' ? readToken(frame, 'params.requestId') : undefined
    const ours = id && this.#inFlight.get(id.value)
    if (id === undefined || ours === undefined) return this.#options.bridge.notify(frame)
    this.#inFlight.delete(id.value)
    ours.abort()
    return true
  }

  answer(frame: AnswerFrame): boolean {
    return this.#options.bridge.answer(frame)
  }

  inputEnded(): void {
    this.#options.bridge.inputEnded()
  }

  hold(): void {
    this.#options.bridge.hold()
  }

  release(): void {
    this.#options.bridge.release()
  }

  async settled(): Promise<void> {
    // What one gives up the other may take.
    while (this.#answers.size > 0 || this.#options.bridge.size > 0) {
      await Promise.all([...this.#answers, this.#options.bridge.settled()])
    }
  }

  /** Abandons what is in flight here; none of it is answered. */
  close(): void {
    for (const controller of this.#inFlight.values()) controller.abort()
  }

  #refuseUnintroduced({ id, method }: RequestFrame): boolean {
    if (KNOWN_METHODS.includes(method)) return this.#refuse(id, INVALID_REQUEST, 'Send initialize first.')
    return this.#refuse(id, METHOD_NOT_FOUND, `Method not found: ${method}`)
  }

  // More forgiving than the servers that are introduced to the client: what they cannot do without is filled in.
  #greet(frame: RequestFrame): boolean {
    const params = readParams(frame)
    const { protocolVersion: offered, capabilities } = params
    const protocolVersion = typeof offered === 'string' ? offered : LATEST_PROTOCOL_VERSION
    this.#initialized = true
    this.#reply(frame.id, greetingResult(protocolVersion))
    const hello = { ...params, protocolVersion, capabilities: isJsonObject(capabilities) ? capabilities : {} }
    this.#options.bridge.introduce(JSON.stringify(hello))
    return true
  }

  #list(frame: RequestFrame): boolean {
    const { bridge, list } = this.#options
    const tools = frame.method === 'tools/list' ? this.#rememberedTools(frame) : undefined
    if (tools !== undefined) {
      bridge.noteTools(tools)
      this.#options.send(recalledFrame(frame.id.raw, tools))
      return true
    }
    if (list === undefined) return bridge.request(frame)
    return bridge.request(frame, () => {
      const work = async (signal: AbortSignal) => {
        const answer = await list(frame, signal)
        if (answer !== undefined) bridge.noteList(frame.method)
        return answer
      }
      this.#perform(frame, work, () => this.#list(frame))
    })
  }

  /** What nobody need be asked for: where there is no worker yet, or none any more. */
  #rememberedTools(frame: RequestFrame): Buffer | undefined {
    if (this.#options.bridge.isUp || this.#hasSearched || readParams(frame)['cursor'] !== undefined) return undefined
    return this.#options.rememberedTools()
  }

  /** Answers a request with what comes of the work, unless it is cancelled before. Where nothing comes of it, somebody else has to. */
  #perform(
    { id, method }: RequestFrame,
    work: (signal: AbortSignal) => Promise<Buffer | undefined>,
    handOver: () => void = () => {},
  ): true {
    if (this.#inFlight.size >= MAX_IN_FLIGHT) {
      this.#options.send(failureFrame(id, tooManyInFlight()))
      return true
    }
    const controller = new AbortController()
    this.#inFlight.set(id.value, controller)
    const { signal } = controller
    // A cancelled request is not answered, and its id may be another's by now.
    const end = (answer: () => void) => {
      if (signal.aborted) return
      this.#inFlight.delete(id.value)
      answer()
    }
    const answered = work(signal)
      .then(
        (frame) => end(() => (frame === undefined ? handOver() : this.#options.send(frame))),
        (thrown: unknown) => end(() => this.#fail(id, thrown, method)),
      )
      .finally(() => this.#answers.delete(answered))
    this.#answers.add(answered)
    return true
  }

  async #findTools(frame: RequestFrame, signal: AbortSignal): Promise<string> {
    const { arguments: input = {} } = readParams(frame)
    if (!isJsonObject(input)) throw new ServiceError('invalid_request', 'The arguments are not an object.')
    const refusal = refuseWithoutQuery(input)
    if (refusal !== undefined) return refusal
    this.#hasSearched = true
    const reply = await this.#options.findTools(JSON.stringify(input), signal)
    // The worker tells of what it attaches itself.
    if (reply.source === 'one-shot' && !signal.aborted) this.#options.bridge.listChanged('tools/list')
    return toToolResult(reply)
  }

  #reply({ raw }: Token, result: string): true {
    this.#options.send(resultFrame(raw, result))
    return true
  }

  #refuse({ raw }: Token, code: number, message: string): true {
    this.#options.send(refusalFrame(raw, code, message))
    return true
  }

  #fail(id: Token, thrown: unknown, method: string): void {
    const error = ServiceError.from(thrown)
    const { cause } = error
    if (error.code === 'internal') {
      this.#options.log.line(`unexpected, in ${method}: ${cause instanceof Error ? cause.stack : String(cause)}`)
    }
    this.#options.send(failureFrame(id, error))
  }
}
