import { greetingResult } from '../../shared/contracts/greeting.ts'
import { INVALID_PARAMS, INVALID_REQUEST, METHOD_NOT_FOUND } from '../../shared/errors/json-rpc-code.ts'
import { ServiceError } from '../../shared/errors/service-error.ts'
import {
  type NotificationFrame,
  type RequestFrame,
  readString,
  readToken,
  scanFrame,
  type Token,
} from '../../shared/frames/frame-scan.ts'
import { notificationFrame, resultFrame } from '../../shared/frames/frame-write.ts'
import type { AnswerOutline } from '../../shared/frames/outline-answer.ts'
import { type Addressed, Questions } from '../../shared/frames/questions.ts'
import { type ErrorOrigin, failureFrame, refusalFrame, unusableFrame } from '../../shared/frames/replies.ts'
import { NO_HELLO } from '../routing/hello.ts'
import { isLogLevel, LOG_LEVELS } from '../routing/log-levels.ts'
import type { ServerList } from '../routing/outbox.ts'
import type { PoolClient, Session } from '../server-pool/client-session.ts'
import type { FindTools } from '../tool-selection/find-tools.ts'
import { complete } from './completion.ts'
import { type ClientHello, readHello } from './hello.ts'
import type { KeptResults } from './kept-results.ts'
import type { OfferedTools } from './offered-tools.ts'
import type { Outcome, ServerRequest } from './outcome.ts'
import type { Prompts } from './prompts.ts'
import type { Resources } from './resources.ts'
import type { LinkedServers, LinkHost, ServerLink } from './server-link.ts'
import { ServerLinks } from './server-links.ts'
import { SessionResources } from './session-resources.ts'
import { SessionTools } from './session-tools.ts'

/** What all sessions have in common. */
export interface SessionParts {
  readonly servers: LinkedServers
  readonly offered: OfferedTools
  readonly prompts: Prompts
  readonly resources: Resources
  readonly results: KeptResults
  /** The largest text of one result of a server that a client is given at once, in bytes; 0 for any. */
  readonly maxResultBytes: (server: string) => number
  readonly findTools: FindTools
  /** Makes ids that nobody else has, of letters, digits and `-`. */
  readonly newId: () => string
  /** Is told of what nobody foresaw. */
  readonly unexpected: (cause: unknown, method: string) => void
}

/** A request of the client that has no answer yet: we are at work on it, or a server is. */
type InFlight = { readonly id: Token } & (
  | { readonly kind: 'here'; readonly stop: AbortController }
  | { readonly kind: 'at-server'; readonly link: ServerLink; readonly toClient: ServerRequest['toClient'] }
)

type Work = (signal: AbortSignal) => Outcome | Promise<Outcome>

// At all servers together; each has a limit of its own.
const MAX_IN_FLIGHT = 1_024

/**
 * One client's session with all servers at once. It answers what concerns no server, or several; everything else goes, its payload as it
 * came, to the server it is for, on a link that is opened with the first request. What servers ask and tell comes back the same way.
 */
export class AggregatedSession implements Session, LinkHost {
  /** The MCP session to which found tools are attached. */
  readonly id: string
  readonly #client: PoolClient
  readonly #parts: SessionParts
  readonly #links: ServerLinks
  readonly #tools: SessionTools
  readonly #resources: SessionResources
  readonly #questions = new Questions<ServerLink>()
  readonly #inFlight = new Map<string | number, InFlight>()
  #hello: ClientHello | undefined
  readonly #whenClosed: () => void
  #isClosed = false

  constructor(client: PoolClient, parts: SessionParts, whenClosed: () => void) {
    this.#client = client
    this.#parts = parts
    this.#whenClosed = whenClosed
    const { servers, resources, newId } = parts
    this.id = client.session ?? newId()
    this.#links = new ServerLinks({ servers, host: this, client, ownIds: `pilotlight ${newId()} ` })
    this.#tools = new SessionTools({
      ...parts,
      sessionId: this.id,
      listChanged: () => this.#tellChanged('tools'),
    })
    this.#resources = new SessionResources(resources, (id) => this.#tools.readResult(id))
  }

  send(bytes: Buffer): boolean {
    if (this.#isClosed) return true
    const frame = scanFrame(bytes)
    switch (frame.kind) {
      case 'request':
        this.#requested(frame)
        break
      case 'notification':
        this.#notified(frame)
        break
      case 'answer':
        passTo(this.#questions.answer(frame))
        break
      case 'unusable':
        this.#client.frame(unusableFrame(frame))
    }
    return this.#links.areReading
  }

  isSettled(): boolean {
    return this.#inFlight.size === 0
  }

  close(): void {
    this.#isClosed = true
    for (const request of this.#inFlight.values()) if (request.kind === 'here') request.stop.abort()
    this.#inFlight.clear()
    this.#links.close()
    this.#whenClosed()
  }

  /** Ends the session from our side: what is still in flight is answered with the reason. */
  end(reason: ServiceError): void {
    for (const request of this.#inFlight.values()) this.#fail(request.id, reason, originOf(request))
    this.close()
    this.#client.closed(reason)
  }

  /** Tells the client that a list is another now; of the tools, that the one it holds is, where that is so. */
  async listChanged(list: ServerList): Promise<void> {
    if (list !== 'tools') return this.#tellChanged(list)
    await this.#tools.announceChange().catch((thrown: unknown) => this.#parts.unexpected(thrown, 'tools/list'))
  }

  answered(link: ServerLink, { id, bytes }: AnswerOutline): void {
    const request = this.#inFlight.get(id.value)
    if (request?.kind !== 'at-server' || request.link !== link) return
    this.#inFlight.delete(id.value)
    this.#client.frame(request.toClient?.(bytes) ?? bytes)
  }

  asked(link: ServerLink, frame: RequestFrame): void {
    this.#client.frame(this.#questions.ask(link, frame))
  }

  told(link: ServerLink, frame: NotificationFrame): void {
    switch (frame.method) {
      case 'notifications/cancelled': {
        const withdrawal = this.#questions.withdraw(link, frame)
        if (withdrawal !== undefined) this.#client.frame(withdrawal)
        return
      }
      case 'notifications/resources/updated':
        return this.#client.frame(this.#resources.updated(link.server, frame))
      // The lists that the client has are ours.
      case 'notifications/tools/list_changed':
      case 'notifications/prompts/list_changed':
      case 'notifications/resources/list_changed':
        return
      default:
        return this.#client.frame(frame.bytes)
    }
  }

  drained(link: ServerLink): void {
    if (this.#links.drained(link)) this.#client.drained?.()
  }

  lost(link: ServerLink, reason: ServiceError): void {
    const areReading = this.#links.remove(link)
    for (const request of this.#inFlight.values()) {
      if (request.kind !== 'at-server' || request.link !== link) continue
      this.#fail(request.id, reason, originOf(request))
    }
    for (const news of this.#questions.forget(link)) this.#client.frame(news)
    if (areReading) this.#client.drained?.()
  }

  #requested(frame: RequestFrame): void {
    const { id, method } = frame
    if (this.#inFlight.has(id.value)) {
      return this.#refuse(id, INVALID_REQUEST, 'A request with this id is in flight already.')
    }
    if (method === 'ping') return this.#reply(id, '{}')
    if (method === 'initialize') return this.#greet(frame)
    if (this.#hello === undefined) return this.#refuse(id, INVALID_REQUEST, 'Send initialize first.')
    if (this.#inFlight.size >= MAX_IN_FLIGHT) {
      const message = `The client has ${MAX_IN_FLIGHT} requests in flight already, as many as it may.`
      return this.#fail(id, new ServiceError('overloaded', message))
    }
    const work = this.#workFor(frame, this.#hello)
    if (work === undefined) return this.#refuse(id, METHOD_NOT_FOUND, `Method not found: ${method}`)
    this.#perform(frame, work)
  }

  #greet(frame: RequestFrame): void {
    const hello = readHello(frame)
    if (hello === undefined) return this.#refuse(frame.id, INVALID_PARAMS, NO_HELLO)
    this.#hello = hello
    this.#reply(frame.id, greetingResult(hello.protocolVersion))
  }

  #workFor(frame: RequestFrame, hello: ClientHello): Work | undefined {
    switch (frame.method) {
      case 'tools/list':
        return () => this.#tools.list(frame)
      case 'tools/call':
        return (signal) => this.#tools.call(frame, hello, signal)
      case 'logging/setLevel':
        return () => this.#setLogLevel(frame)
      case 'prompts/list':
        return (signal) => this.#parts.prompts.list(frame, signal)
      case 'prompts/get':
        return (signal) => this.#parts.prompts.get(frame, signal)
      case 'resources/list':
        return (signal) => this.#parts.resources.list(frame, signal)
      case 'resources/templates/list':
        return (signal) => this.#parts.resources.listTemplates(frame, signal)
      case 'resources/read':
      case 'resources/subscribe':
      case 'resources/unsubscribe':
        return (signal) => this.#resources.request(frame, signal)
      case 'completion/complete':
        return (signal) => complete(frame, this.#parts, signal)
      default:
        return undefined
    }
  }

  #setLogLevel(frame: RequestFrame): string {
    const level = readString(frame, 'params.level')
    if (!isLogLevel(level)) {
      throw new ServiceError('invalid_request', `The level must be one of ${LOG_LEVELS.join(', ')}.`)
    }
    this.#links.setLogLevel(level)
    return '{}'
  }

  /** Answers a request with what comes of the work, unless it is cancelled before. */
  #perform({ id, method }: RequestFrame, work: Work): void {
    const stop = new AbortController()
    this.#inFlight.set(id.value, { kind: 'here', id, stop })
    const settle = (outcome: Outcome) => {
      if (!stop.signal.aborted) this.#settle(id, outcome)
    }
    const fail = (thrown: unknown) => {
      if (stop.signal.aborted) return
      const error = ServiceError.from(thrown)
      if (error.code === 'internal') this.#parts.unexpected(error.cause, method)
      this.#fail(id, error)
    }
    try {
      const outcome = work(stop.signal)
      if (outcome instanceof Promise) outcome.then(settle, fail)
      else settle(outcome)
    } catch (thrown) {
      fail(thrown)
    }
  }

  #settle(id: Token, outcome: Outcome): void {
    if (typeof outcome === 'string') this.#reply(id, outcome)
    else this.#askServer(id, outcome)
  }

  #askServer(id: Token, { server, bytes, toClient }: ServerRequest): void {
    if (this.#hello === undefined) return
    try {
      const link = this.#links.to(server)
      this.#inFlight.set(id.value, { kind: 'at-server', id, link, toClient })
      this.#links.request(link, bytes, this.#hello)
    } catch (thrown) {
      this.#fail(id, ServiceError.from(thrown), { server, delivered: 'no' })
    }
  }

  #notified(frame: NotificationFrame): void {
    switch (frame.method) {
      case 'notifications/initialized':
        return
      case 'notifications/cancelled':
        return this.#cancel(frame)
      case 'notifications/progress':
        return passTo(this.#questions.progress(frame))
      default:
        return this.#links.tellAll(frame.bytes)
    }
  }

  #cancel(frame: NotificationFrame): void {
    const id = readToken(frame, 'params.requestId')
    const request = id && this.#inFlight.get(id.value)
    if (request === undefined) return
    this.#inFlight.delete(request.id.value)
    if (request.kind === 'here') request.stop.abort()
    else request.link.send(frame.bytes)
  }

  #tellChanged(list: ServerList): void {
    if (!this.#isClosed && this.#hello !== undefined)
      this.#client.frame(notificationFrame(`notifications/${list}/list_changed`))
  }

  #reply(id: Token, result: string): void {
    this.#inFlight.delete(id.value)
    this.#client.frame(resultFrame(id.raw, result))
  }

  #fail(id: Token, error: ServiceError, origin?: ErrorOrigin): void {
    this.#inFlight.delete(id.value)
    this.#client.frame(failureFrame(id, error, origin))
  }

  #refuse({ raw }: Token, code: number, message: string): void {
    this.#client.frame(refusalFrame(raw, code, message))
  }
}

function originOf(request: InFlight): ErrorOrigin | undefined {
  return request.kind === 'at-server' ? { server: request.link.server, delivered: 'unknown' } : undefined
}

function passTo(addressed: Addressed<ServerLink> | undefined): void {
  addressed?.asker.send(addressed.bytes)
}
