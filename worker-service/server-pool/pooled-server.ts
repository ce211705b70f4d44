import { isDeepStrictEqual } from 'node:util'
import { type Failure, type RequestFailure, toJsonRpcError } from '../../shared/errors/json-rpc-error.ts'
import { ServiceError } from '../../shared/errors/service-error.ts'
import { toFailure } from '../../shared/errors/to-failure.ts'
import { scanFrame } from '../../shared/frames/frame-scan.ts'
import { errorFrame } from '../../shared/frames/frame-write.ts'
import { VERSION } from '../../shared/version.ts'
import type { AnsweredRequestId } from '../routing/failed-calls.ts'
import type { RecalledMethod } from '../routing/list-methods.ts'
import type { Effect, RequestOutcome, StartedRequest } from '../routing/outbox.ts'
import { Router } from '../routing/router.ts'
import { ClientSession, type PoolClient, type Session, type SessionHost } from './client-session.ts'
import { type Deadlines, InFlight, type InFlightRequest } from './in-flight.ts'
import { InspectedTools } from './inspected-tools.ts'
import type { LifecycleHost, LifeSurroundings } from './lifecycle-host.ts'
import { QuestionHolds } from './question-holds.ts'
import type { ServerDefinition } from './server-definition.ts'
import { createLane, type Lane } from './server-input.ts'
import type { ServerKnowledge } from './server-knowledge.ts'
import { ServerLifecycle } from './server-lifecycle.ts'
import type { HeldState } from './sharing.ts'
import { withShownTools } from './shown-tools.ts'
import { createToolGate, type ToolGate } from './tool-gate.ts'

/** What all servers of a pool have in common. */
export interface PoolSurroundings extends LifeSurroundings {
  readonly knowledge: ServerKnowledge
}

/** What a server has in common with the others of its group: all are one configured server. */
export interface ServersOfGroup {
  /** It was seen to hold what is not for every client. */
  sawHolding(held: HeldState): void
  /** What the server would answer to a method without params, JSON text of the result; undefined where it must be asked. */
  readonly recall: (method: RecalledMethod) => Buffer | undefined
}

type SentToClient = Extract<Effect, { kind: 'send-to-client' }>

const MAX_IN_FLIGHT_PER_CLIENT = 256
const HARD_CAP_MS = 10 * 60_000
/** Ids and progress tokens of ours may be longer than the client's own. */
const REWRITE_SLACK_BYTES = 64
const PAUSE_AT_BYTES = 1024 * 1024
const CUT_OFF_AT_BYTES = 4 * 1024 * 1024

/** One MCP server that many clients share as if each had it alone: their frames, and what becomes of them. */
export class PooledServer implements AsyncDisposable, SessionHost, LifecycleHost {
  readonly life: ServerLifecycle
  readonly #surroundings: PoolSurroundings
  readonly #group: ServersOfGroup
  readonly #router: Router
  readonly #inFlight: InFlight
  readonly #questionHolds: QuestionHolds
  readonly #sessions = new Map<string, ClientSession>()
  /** For what is sent of our own accord. */
  readonly #ownLane = createLane(() => {})
  readonly #postponed: Array<{ effects: Effect[]; lane: Lane }> = []
  #isCarryingOut = false
  readonly #inspected: InspectedTools
  #definition: ServerDefinition
  #deadlines: Deadlines
  #gate: ToolGate
  /** What comes now is for the next process. */
  #isBeingReplaced = false
  #lastSessionId = 0
  #calls = 0

  constructor(definition: ServerDefinition, surroundings: PoolSurroundings, group: ServersOfGroup) {
    const { name } = definition
    this.#surroundings = surroundings
    this.#group = group
    this.#definition = definition
    this.#deadlines = deadlinesOf(definition)
    this.#inspected = new InspectedTools(() => this.#definition, surroundings.knowledge)
    this.#gate = this.#createGate(definition)
    this.#inFlight = new InFlight(surroundings.clock, (requestId) =>
      this.#carryOut(this.#router.requestExpired(requestId)),
    )
    this.#questionHolds = new QuestionHolds(surroundings.clock, (questionId) =>
      this.#carryOut(this.#router.questionOverdue(questionId)),
    )
    this.#router = new Router({
      server: name,
      clientInfo: { name: 'pilotlight', version: VERSION },
      maxInFlightPerClient: MAX_IN_FLIGHT_PER_CLIENT,
      refuseTool: (tool) => this.#gate.refuse(tool),
      inspector: this.#inspected,
      takesTurns: () => surroundings.knowledge.seenToHold(this.#definition) === 'client',
      recall: group.recall,
    })
    this.life = new ServerLifecycle(definition, surroundings, this)
  }

  get definition(): ServerDefinition {
    return this.#definition
  }

  /** How many tool calls there have been. */
  get calls(): number {
    return this.#calls
  }

  /** How many clients have it open, the service itself not counted. */
  get clients(): number {
    return this.#sessions.values().reduce((count, { client }) => (client.isService ? count : count + 1), 0)
  }

  /** The project of the client that has it open longest, of those that have one. */
  get project(): string | undefined {
    return this.#sessions.values().find(({ client }) => client.project !== undefined)?.client.project
  }

  /** Those of its clients that may have gone, and since when. */
  absentSessions(): { session: ClientSession; since: number }[] {
    return [...this.#sessions.values()].flatMap((session) => {
      const since = session.client.absentSince
      return since === undefined ? [] : [{ session, since }]
    })
  }

  /** Closes a session of its own accord. */
  dismiss(session: ClientSession, reason: ServiceError): void {
    this.closeSession(session)
    session.client.closed(reason)
  }

  /** How many things are held for clients; 0 when none is connected and nothing is in flight. */
  get size(): number {
    return this.#router.size() + this.#sessions.size
  }

  /** Opens a client's way to this server. Starts nothing. */
  connect(client: PoolClient, closed: () => void): Session {
    this.#lastSessionId++
    const session = new ClientSession(String(this.#lastSessionId), { client, host: this, closed })
    this.#sessions.set(session.id, session)
    if (!client.isService) this.life.used(this.#surroundings.clock.now())
    this.#carryOut(this.#router.clientOpened(session.id, client.isService))
    return session
  }

  clientFrame(session: ClientSession, frame: Buffer): boolean {
    if (this.#sessions.get(session.id) !== session) return true
    if (frame.length > this.#definition.maxMessageBytes - REWRITE_SLACK_BYTES) this.#refuseTooLarge(session, frame)
    else if (!this.#isHolding() || !session.holdBack(frame)) {
      this.#carryOut(this.#router.clientFrame(session.id, frame), session.lane)
    }
    const waiting = session.backlogBytes
    if (waiting > CUT_OFF_AT_BYTES + this.#definition.maxMessageBytes) this.#cutOff(session)
    return waiting <= PAUSE_AT_BYTES
  }

  isSettled(session: ClientSession): boolean {
    return this.#router.isSettled(session.id)
  }

  closeSession(session: ClientSession): void {
    if (!this.#sessions.delete(session.id)) return
    session.takeHeld()
    this.#carryOut(this.#router.clientClosed(session.id), session.lane)
    session.closed()
  }

  /** Takes on settings that a running server need not be restarted for. */
  adopt(definition: ServerDefinition): void {
    const before = this.#definition
    this.#definition = definition
    this.#deadlines = deadlinesOf(definition)
    this.#gate = this.#createGate(definition)
    this.life.adopt(definition)
    if (!showsSameTools(before, definition)) this.toolsChanged()
  }

  /** Takes on another definition: calls in flight finish with the old one, the next call meets the new one. */
  async redefine(definition: ServerDefinition): Promise<void> {
    this.#isBeingReplaced = true
    if (this.life.state.name === 'starting') await this.#startEnded()
    this.#isBeingReplaced = false
    this.#carryOut(this.#router.serverReplaced())
    const stopped = this.life.stop('its configuration has changed.')
    this.adopt(definition)
    if (!this.life.isDraining) this.released()
    await stopped
  }

  /** Stops the server once its calls in flight are finished and starts it; calls that come meanwhile wait. Rejects with why it does not start. */
  async restart(): Promise<void> {
    if (this.life.state.name === 'starting') await this.#startEnded()
    await this.life.stop('it was restarted.')
    await this.life.start('it was restarted.')
  }

  /** Ends the server for good, its calls in flight finished within limits; every session is closed with `reason`. */
  async close(reason: ServiceError): Promise<void> {
    await this.life.close(toFailure(reason))
    for (const session of this.#sessions.values()) this.dismiss(session, reason)
    this.#inFlight[Symbol.dispose]()
    this.#questionHolds[Symbol.dispose]()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close(new ServiceError('shutting_down', 'The service is shutting down.'))
  }

  /** Tells every client that the server may list other tools than before, though it did not say so itself. */
  toolsChanged(): void {
    this.#inspected.forget()
    this.#carryOut(this.#router.listChanged('tools'))
  }

  callsInFlight(): number {
    return this.#inFlight.clientRequests
  }

  connected(): void {
    this.#carryOut(this.#router.serverOpened())
  }

  lost(loss: Failure): void {
    this.#inspected.forget()
    this.#carryOut(this.#router.serverClosed(loss))
  }

  released(): void {
    for (const session of this.#sessions.values()) {
      const held = session.takeHeld()
      for (const frame of held) this.clientFrame(session, frame)
      if (held.length > 0) session.client.drained?.()
    }
  }

  ping(): void {
    this.#carryOut(this.#router.ping())
  }

  frame(bytes: Buffer, relatedTo: number | undefined): void {
    const effects = this.#router.serverFrame(bytes, relatedTo)
    this.life.run?.connection.tookFrame?.(bytes.length, effects.some(endsRequest))
    this.#carryOut(effects)
  }

  frameTooLarge(answered: AnsweredRequestId): void {
    this.#carryOut(this.#router.serverFrameTooLarge(answered))
  }

  requestFailed(requestId: number, failure: RequestFailure): void {
    this.#carryOut(this.#router.requestFailed(requestId, failure))
  }

  sessionRenewed(): void {
    this.#carryOut(this.#router.sessionRenewed())
  }

  /** Does what the router wants done, in order; what comes of that is done after it. `lane` is that of the client who brought it about. */
  #carryOut(effects: Effect[], lane = this.#ownLane): void {
    if (this.#isCarryingOut) {
      this.#postponed.push({ effects, lane })
      return
    }
    this.#isCarryingOut = true
    try {
      for (const effect of effects) this.#do(effect, lane)
      for (let next = this.#postponed.shift(); next !== undefined; next = this.#postponed.shift()) {
        for (const effect of next.effects) this.#do(effect, next.lane)
      }
    } finally {
      this.#isCarryingOut = false
    }
  }

  #do(effect: Effect, lane: Lane): void {
    const { observer } = this.#surroundings
    const { name } = this.life
    switch (effect.kind) {
      case 'send-to-server':
        return this.life.run?.input.write(lane, effect.frame)
      case 'send-to-client':
        return this.#give(this.#sessions.get(effect.clientId)?.client, effect)
      case 'request-started':
        return this.#started(effect)
      case 'request-finished':
        return this.#finished(effect.requestId, effect.outcome)
      case 'request-progressed':
        return this.#inFlight.progressed(effect.requestId, this.#deadlines)
      case 'need-server':
        return this.life.need()
      case 'server-ready':
        return this.life.becomeReady(effect.result)
      case 'handshake-failed':
        return this.life.handshakeFailed(effect.loss)
      case 'list-changed':
        if (effect.list === 'tools') this.#inspected.forget()
        return observer.listChanged(name, effect.list)
      case 'drop':
        return observer.frameDropped(name, effect)
      case 'question-held':
        return this.#questionHolds.hold(effect.questionId)
      case 'question-released':
        return this.#questionHolds.release(effect.questionId)
      case 'unattributed':
        observer.questionUnattributed(name)
        return this.#group.sawHolding('client')
      case 'serialised':
        observer.serverSerialised(name)
        return this.#group.sawHolding('client')
      case 'roots-asked':
        return this.#group.sawHolding('roots')
    }
  }

  #give(client: PoolClient | undefined, { frame, answers }: SentToClient): void {
    const isFiltered = answers?.method === 'tools/list' && !client?.isService
    client?.frame(isFiltered ? withShownTools(frame, this.#gate) : frame)
  }

  #createGate(definition: ServerDefinition): ToolGate {
    const { knowledge } = this.#surroundings
    return createToolGate(definition, {
      withheldAmong: (server, listed) => knowledge.withheldAmong(server, listed),
      whyWithheld: (server, tool) => this.#inspected.whyWithheld(tool) ?? knowledge.whyWithheld(server, tool),
    })
  }

  /** Whether new calls wait for the next process. */
  #isHolding(): boolean {
    return this.life.isDraining || this.#isBeingReplaced
  }

  #started(request: StartedRequest): void {
    // A start has a deadline of its own.
    if (request.clientId === undefined && request.method === 'initialize') return
    const startedAt = this.#inFlight.start(request, this.#deadlines)
    if (request.clientId === undefined || this.#isOfService(request.clientId)) return
    this.life.used(startedAt)
    if (request.method === 'tools/call') this.#calls++
  }

  #finished(requestId: number, outcome: RequestOutcome): void {
    const request = this.#inFlight.finish(requestId)
    if (request?.clientId === undefined) return
    if (!this.#isOfService(request.clientId)) this.#callFinished(request, outcome)
    if (this.#inFlight.clientRequests === 0) this.life.becameIdle()
  }

  #callFinished({ method, name, startedAt }: InFlightRequest, outcome: RequestOutcome): void {
    const now = this.#surroundings.clock.now()
    this.life.used(now)
    const durationMs = now - startedAt
    this.#surroundings.observer.callFinished({ server: this.life.name, method, name, outcome, durationMs })
  }

  #isOfService(clientId: string): boolean {
    return this.#sessions.get(clientId)?.client.isService ?? false
  }

  // Stopped while it starts, it would fail those who wait for it, their handshakes among them.
  async #startEnded(): Promise<void> {
    const { state } = this.life
    if (state.name === 'starting') await state.settled.promise.catch(() => {})
  }

  #refuseTooLarge(session: ClientSession, bytes: Buffer): void {
    const server = this.life.name
    this.#surroundings.observer.frameDropped(server, { from: 'client', reason: 'too-large' })
    const frame = scanFrame(bytes)
    if (frame.kind !== 'request') return
    const message = `server "${server}": a message over ${this.#definition.maxMessageBytes} bytes cannot be sent. Raise its "maxMessageBytes".`
    session.client.frame(errorFrame(frame.id.raw, toJsonRpcError(server, { code: 'too_large', message })))
  }

  #cutOff(session: ClientSession): void {
    const why = `server "${this.life.name}": more of the client's messages wait for it than may.`
    this.#surroundings.observer.clientCutOff(this.life.name, why)
    this.dismiss(session, new ServiceError('overloaded', why))
  }
}

function endsRequest({ kind }: Effect): boolean {
  return kind === 'request-finished'
}

function deadlinesOf({ callTimeoutMs }: ServerDefinition): Deadlines {
  return { timeoutMs: callTimeoutMs, hardCapMs: Math.max(callTimeoutMs, HARD_CAP_MS) }
}

function showsSameTools(one: ServerDefinition, other: ServerDefinition): boolean {
  return isDeepStrictEqual(choiceOf(one), choiceOf(other))
}

function choiceOf({ includeTools, excludeTools, onToolChange }: ServerDefinition): unknown {
  return [includeTools, excludeTools, onToolChange]
}
