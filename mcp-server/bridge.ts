import type { JsonRpcError } from '../shared/errors/json-rpc-error.ts'
import { ServiceError } from '../shared/errors/service-error.ts'
import {
  type AnswerFrame,
  type NotificationFrame,
  type RequestFrame,
  readToken,
  scanFrame,
} from '../shared/frames/frame-scan.ts'
import { notificationFrame } from '../shared/frames/frame-write.ts'
import { type AnswerOutline, outlineAnswer } from '../shared/frames/outline-answer.ts'
import { type Addressed, Questions } from '../shared/frames/questions.ts'
import { failureFrame } from '../shared/frames/replies.ts'
import { parseJson } from '../shared/parse-json.ts'
import type { Channel, OpenChannel } from './channel.ts'
import { ClientRequests, type ClientRequestsOptions, type UnsentRequest } from './client-requests.ts'
import { LifeWatch } from './life-watch.ts'
import { SessionMemory } from './session-memory.ts'
import { WorkerConnection } from './worker-connection.ts'

/** What a {@link Bridge} connects. */
export interface BridgeOptions extends Omit<ClientRequestsOptions, 'whyNone'> {
  readonly open: OpenChannel
  /** Whether the worker lives, asked on another way than the channel. */
  readonly isAlive: (signal: AbortSignal) => Promise<boolean>
  /** The client may be read from again. */
  readonly readOn: () => void
  /** What to do where there is no worker, as a sentence. */
  readonly remedy: string
  /** A request came and there is no worker. */
  readonly missed?: () => void
  /** 0 up to 1, as `Math.random`. */
  readonly random: () => number
}

/*
 *              ┌───────────────── lost ─────────────────┐
 *              ▼                                        │
 *   unproven, away ──opened──▶ greeting ──answered──▶ up
 *              ▲                  │
 *              └──lost, refused───┘      unproven: not known yet to be away
 */
type WorkerState =
  | { readonly name: 'unproven' | 'away' }
  /** The client is introduced, by a request of this id. */
  | { readonly name: 'greeting'; readonly channel: Channel; readonly id: string }
  | { readonly name: 'up'; readonly channel: Channel }

const HANGS = 'It hangs.'
const INPUT_ENDED = new ServiceError(
  'connection_closed',
  'The client has ended its input, and answers nothing any more.',
)

/**
 * Carries one client's frames to the worker and back, over as many connections as it takes. Where one is lost, each request that was on
 * its way gets one error by its own id, and what follows waits for the next connection, on which the client is introduced anew. Nothing
 * but initialize is sent twice. A method that passes something on returns false when the client should send no more for now.
 */
export class Bridge implements Disposable {
  readonly #options: BridgeOptions
  readonly #connection: WorkerConnection
  readonly #requests: ClientRequests
  readonly #watch: LifeWatch
  readonly #memory = new SessionMemory()
  readonly #questions = new Questions<Channel>()
  #worker: WorkerState = { name: 'unproven' }
  /** Why there is no worker, or was none last, as a sentence. */
  #why = 'It did not answer.'
  /** The client's params of initialize, JSON text, once that was answered. */
  #hello: string | undefined
  #isHeld = false
  #hasInputEnded = false
  #lastOwnId = 0

  constructor(options: BridgeOptions) {
    this.#options = options
    this.#connection = new WorkerConnection({
      open: options.open,
      random: options.random,
      events: {
        opened: (channel) => this.#opened(channel),
        unreachable: (why) => this.#goAway(why),
        lost: (channel, why) => this.#lost(channel, why),
        frame: (bytes) => this.#fromWorker(bytes),
        drained: () => options.readOn(),
      },
    })
    const whyNone = () => `${this.#watch.isHanging ? HANGS : this.#why} ${options.remedy}`
    this.#requests = new ClientRequests({ ...options, whyNone })
    this.#watch = new LifeWatch({
      isOwed: () => this.#requests.sent > 0 || this.#worker.name === 'greeting',
      isAlive: options.isAlive,
      hangs: () => this.#hangs(),
      goesOn: () => this.#sendWaiting(),
      givenUp: () => {
        if (this.#worker.name === 'up') this.#connection.reopen(HANGS)
      },
    })
  }

  /** Looks for the worker, if nothing has yet; the first request does, too. */
  start(): void {
    this.#connection.start()
  }

  /** There is a worker now, as far as is known. */
  lookNow(): void {
    this.#connection.openNow()
  }

  /** How many requests have no answer yet. */
  get size(): number {
    return this.#requests.size
  }

  /** Whether there is a worker that answers, as far as is known. */
  get isUp(): boolean {
    return this.#worker.name === 'up' && !this.#watch.isHanging
  }

  has(id: string | number): boolean {
    return this.#requests.has(id)
  }

  /** Every worker is introduced to the client from now on, with these params of initialize (JSON text), which the client was answered to. */
  introduce(params: string): void {
    this.#hello = params
    if (this.#worker.name === 'up') this.#greet(this.#worker.channel, params)
  }

  /** Passes a request on, sooner or later; `otherwise` is called where there is no worker and it is to be answered in another way. */
  request(frame: RequestFrame, otherwise?: () => void): boolean {
    const request = this.#requests.accept(frame, otherwise)
    if (request === undefined) return true
    if (this.#worker.name === 'up' && !this.#watch.isHanging) return this.#give(this.#worker.channel, request)
    if (this.#worker.name === 'unproven') this.start()
    if (this.#worker.name === 'away') this.#options.missed?.()
    if (otherwise !== undefined && this.#isAway()) otherwise()
    else this.#requests.wait(request)
    return true
  }

  notify(frame: NotificationFrame): boolean {
    switch (frame.method) {
      case 'notifications/cancelled':
        return this.#cancel(frame)
      case 'notifications/progress':
        return pass(this.#questions.progress(frame))
      default:
        return this.#tell(frame)
    }
  }

  /** Passes on the client's answer to something that it was asked. */
  answer(frame: AnswerFrame): boolean {
    return pass(this.#questions.answer(frame))
  }

  /** The client says nothing any more: what it is asked would never be answered, nor the call for whose sake it is. */
  inputEnded(): void {
    this.#hasInputEnded = true
    for (const refusal of this.#questions.refuse(INPUT_ENDED)) pass(refusal)
  }

  /** The client was given its tools as they were remembered (the result, JSON). It hears when they are others. */
  noteTools(list: Buffer): void {
    if (this.#worker.name === 'away') this.#options.missed?.()
    this.#memory.noteTools(list)
  }

  /** The client was given a list by somebody else, in answer to this method. */
  noteList(method: string): void {
    this.#memory.noteList(method)
  }

  /** Tells the client, once, that a list it holds is another now; it was asked for by this method. */
  listChanged(method: string): void {
    for (const change of this.#memory.takeChanges(method)) this.#options.send(change)
  }

  /** The client does not keep up: the worker is read from no more. */
  hold(): void {
    this.#isHeld = true
    if ('channel' in this.#worker) this.#worker.channel.pause()
  }

  release(): void {
    this.#isHeld = false
    if ('channel' in this.#worker) this.#worker.channel.resume()
  }

  /** Resolves when every request received so far is answered. */
  settled(): Promise<void> {
    return this.#requests.settled()
  }

  /** Leaves the worker. What is in flight is not answered. */
  [Symbol.dispose](): void {
    this.#connection[Symbol.dispose]()
    this.#watch[Symbol.dispose]()
    this.#requests[Symbol.dispose]()
  }

  /** Whether it is known that nobody would answer now. */
  #isAway(): boolean {
    return this.#worker.name === 'away' || this.#watch.isHanging
  }

  #opened(channel: Channel): void {
    if (this.#isHeld) channel.pause()
    if (this.#hello !== undefined) return this.#greet(channel, this.#hello)
    this.#worker = { name: 'up', channel }
    this.#sendWaiting()
  }

  #greet(channel: Channel, params: string): void {
    const id = this.#newId()
    this.#worker = { name: 'greeting', channel, id }
    channel.send(Buffer.from(`{"jsonrpc":"2.0","id":${JSON.stringify(id)},"method":"initialize","params":${params}}`))
    this.#watch.asked()
  }

  #greeted(channel: Channel): void {
    this.#worker = { name: 'up', channel }
    channel.send(notificationFrame('notifications/initialized'))
    for (const frame of this.#memory.replay(() => this.#newId())) channel.send(frame)
    for (const change of this.#memory.takeChanges()) this.#options.send(change)
    this.#sendWaiting()
  }

  #refused(frame: AnswerFrame): void {
    this.#requests.refuseWaiting(frame)
    this.#connection.reopen('It refused to begin a session.')
  }

  #lost(channel: Channel, why: string): void {
    this.#goAway(why)
    for (const news of this.#questions.forget(channel)) this.#options.send(news)
    this.#requests.lose()
  }

  #goAway(why: string): void {
    this.#worker = { name: 'away' }
    this.#why = why
    this.#watch.rest()
    this.#requests.handOver()
    this.#options.readOn()
  }

  // Calls may be under way and go on: they are waited for longer than what somebody else can answer.
  #hangs(): void {
    this.#requests.handOver()
    this.#options.readOn()
  }

  #sendWaiting(): void {
    if (this.#worker.name !== 'up' || this.#watch.isHanging) return
    for (const request of this.#requests.takeWaiting()) this.#give(this.#worker.channel, request)
  }

  #give(channel: Channel, request: UnsentRequest): boolean {
    this.#memory.note(request.frame)
    this.#requests.noteSent(request)
    this.#watch.asked()
    return channel.send(request.frame.bytes)
  }

  #cancel(frame: NotificationFrame): boolean {
    const id = readToken(frame, 'params.requestId')?.value
    return id === undefined || !this.#requests.cancel(id) || this.#tell(frame)
  }

  // A worker that comes later has nothing to do with it.
  #tell(frame: NotificationFrame): boolean {
    return this.#worker.name !== 'up' || this.#worker.channel.send(frame.bytes)
  }

  #fromWorker(bytes: Buffer): void {
    this.#watch.heard()
    if (!('channel' in this.#worker)) return
    const answer = outlineAnswer(bytes)
    if (answer !== undefined && this.#answered(answer)) return
    const frame = scanFrame(bytes)
    switch (frame.kind) {
      case 'answer':
        if (!this.#answered(frame)) this.#ownAnswered(frame)
        return
      case 'request':
        return this.#ask(frame, this.#worker.channel)
      case 'notification':
        return this.#told(frame, this.#worker.channel)
      case 'unusable':
        return this.#refusedUnread(bytes)
    }
  }

  /** The worker answers a message whose id it could not read; whoever says something that is no JSON is none. */
  #refusedUnread(bytes: Buffer): void {
    const refusal = parseJson(bytes.toString('utf8')) as { error?: JsonRpcError } | null | undefined
    if (refusal === undefined) return this.#connection.reopen('What answers on its socket does not speak MCP.')
    const { error } = refusal ?? {}
    const maxBytes = error?.data?.maxMessageBytes
    if (error === undefined || maxBytes === undefined) return
    // A notification, or an answer: nobody waits, and the client should know all the same.
    if (!this.#requests.refuseLarger(maxBytes, error)) this.#options.send(bytes)
  }

  /** Passes an answer on to the client; false where it waits for none of this id. */
  #answered(answer: AnswerOutline): boolean {
    const request = this.#requests.answer(answer)
    if (request?.frame?.method === 'initialize' && !answer.failed) this.#hello = paramsOf(request.frame)
    return request !== undefined
  }

  // What else has no request any more was cancelled, or what another worker had to be told; that comes to nothing.
  #ownAnswered(frame: AnswerFrame): void {
    for (const change of this.#memory.checkTools(frame)) this.#options.send(change)
    if (this.#worker.name !== 'greeting' || frame.id.value !== this.#worker.id) return
    if (frame.failed) this.#refused(frame)
    else this.#greeted(this.#worker.channel)
  }

  #ask(frame: RequestFrame, channel: Channel): void {
    if (this.#hasInputEnded) channel.send(failureFrame(frame.id, INPUT_ENDED))
    else this.#options.send(this.#questions.ask(channel, frame))
  }

  #told(frame: NotificationFrame, channel: Channel): void {
    const isWithdrawal = frame.method === 'notifications/cancelled'
    const news = isWithdrawal ? this.#questions.withdraw(channel, frame) : frame.bytes
    if (news !== undefined) this.#options.send(news)
  }

  #newId(): string {
    return `pilotlight ${process.pid} ${++this.#lastOwnId}`
  }
}

function pass(addressed: Addressed<Channel> | undefined): boolean {
  return addressed === undefined || addressed.asker.send(addressed.bytes)
}

function paramsOf({ bytes, spans }: RequestFrame): string {
  const span = spans.get('params')
  return span === undefined ? '{}' : bytes.toString('utf8', span.start, span.end)
}
