import type { Failure, RequestFailure } from '../../shared/errors/json-rpc-error.ts'
import { cancelCall, cancelNotice } from './call-ends.ts'
import { NO_ABILITIES } from './client.ts'
import { sendWaitingCalls } from './client-calls.ts'
import { routeClientFrame } from './client-frames.ts'
import { type AnsweredRequestId, expireCall, failCall, failOversized } from './failed-calls.ts'
import { openHandshake } from './handshake.ts'
import { announceListChange, tellOfOtherLists } from './list-changes.ts'
import { adjustServerLogLevel } from './log-routing.ts'
import type { Effect, ServerList } from './outbox.ts'
import { answerForGoneClient, giveUpQuestion, releaseHeldQuestions } from './questions.ts'
import { askServer } from './router-calls.ts'
import { createRouterState, type RouterOptions, type RouterState } from './router-state.ts'
import { routeServerFrame } from './server-frames.ts'
import { loseServer } from './server-loss.ts'
import { renewServerMemory } from './server-memory.ts'

/**
 * Lets many clients share one MCP server as if each had it alone. It does nothing itself: what happened goes in, what is to be done
 * comes out, in order. Ids, progress tokens, cancels, subscriptions, log levels and the server's questions are mapped per client;
 * everything else in a frame stays byte for byte as it came.
 */
export class Router {
  readonly #state: RouterState

  constructor(options: RouterOptions) {
    this.#state = createRouterState(options)
  }

  /** A client has connected, `isService` where it is the service itself. Throws where one of this id is connected already. */
  clientOpened(clientId: string, isService = false): Effect[] {
    const { clients } = this.#state
    if (clients.has(clientId)) throw new Error(`The client ${clientId} is connected already.`)
    const memory = { calls: new Map(), held: new Map(), logLevel: undefined }
    clients.set(clientId, { id: clientId, isService, ...memory, abilities: NO_ABILITIES, phase: { name: 'new' } })
    return []
  }

  /** A client has sent a frame: one JSON text. */
  clientFrame(clientId: string, frame: Buffer): Effect[] {
    const client = this.#state.clients.get(clientId)
    if (client === undefined) this.#state.outbox.drop('client', 'unknown-client')
    else routeClientFrame(this.#state, client, frame)
    return this.#takeEffects()
  }

  /** A client is gone: its requests are cancelled and its questions answered in its place. */
  clientClosed(clientId: string): Effect[] {
    const state = this.#state
    const client = state.clients.get(clientId)
    if (client === undefined) return []
    for (const call of client.calls.values()) {
      cancelCall(state, call, cancelNotice(call.requestId, 'The client has disconnected.'))
    }
    answerForGoneClient(state, client)
    state.clients.delete(clientId)
    state.tasks.removeClient(client)
    const unwanted = state.subscriptions.removeClient(clientId)
    if (state.server.name === 'ready') for (const uri of unwanted) askServer(state, 'resources/unsubscribe', { uri })
    adjustServerLogLevel(state)
    return this.#takeEffects()
  }

  /** A server has been connected; the handshake with it begins. Throws where one is connected already. */
  serverOpened(): Effect[] {
    if (this.#isConnected()) throw new Error(`The server ${this.#state.options.server} is connected already.`)
    openHandshake(this.#state)
    return this.#takeEffects()
  }

  /** The server has sent a frame: one JSON text. `relatedTo` is the request on whose stream it came, where the transport has such streams. */
  serverFrame(frame: Buffer, relatedTo?: number): Effect[] {
    if (this.#isConnected()) routeServerFrame(this.#state, frame, relatedTo)
    else this.#state.outbox.drop('server', 'server-not-ready')
    return this.#takeEffects()
  }

  /** The server's connection is gone, or could not be made. Every request in flight ends with `loss`. */
  serverClosed(loss: Failure): Effect[] {
    loseServer(this.#state, loss)
    return this.#takeEffects()
  }

  /** The server has sent a frame that was too large to be kept. It ends the request that it answered. */
  serverFrameTooLarge(answered: AnsweredRequestId): Effect[] {
    if (this.#isConnected()) failOversized(this.#state, answered)
    return this.#takeEffects()
  }

  /** The connected server has forgotten its session with us and has a new one. What it answers to requests of before still counts. */
  sessionRenewed(): Effect[] {
    renewServerMemory(this.#state)
    return this.#takeEffects()
  }

  /** The server gives no answer to a request, or none that could be used. Does nothing where the request was finished meanwhile. */
  requestFailed(requestId: number, failure: RequestFailure): Effect[] {
    const call = this.#state.calls.atServer(requestId)
    if (call !== undefined) failCall(this.#state, call, failure)
    return this.#takeEffects()
  }

  /** A request's deadline has passed. Does nothing where it was finished meanwhile. */
  requestExpired(requestId: number): Effect[] {
    const call = this.#state.calls.get(requestId)
    if (call !== undefined) expireCall(this.#state, call)
    return this.#takeEffects()
  }

  /** A question was held for as long as it may be. Does nothing where it was released meanwhile. */
  questionOverdue(questionId: number): Effect[] {
    giveUpQuestion(this.#state, questionId)
    return this.#takeEffects()
  }

  /** A list is another now for every client, though the server did not say so. */
  listChanged(list: ServerList): Effect[] {
    announceListChange(this.#state, list)
    return this.#takeEffects()
  }

  /** The next server under this name may be another: what this one said of itself counts for no new client, its lists may be others, and it may not ask. */
  serverReplaced(): Effect[] {
    tellOfOtherLists(this.#state)
    this.#state.greeting = undefined
    this.#state.oneClientAtATime = false
    return this.#takeEffects()
  }

  /** Asks a ready server for a sign of life. It came when the request so started is finished as answered. */
  ping(): Effect[] {
    if (this.#state.server.name === 'ready') askServer(this.#state, 'ping')
    return this.#takeEffects()
  }

  /** Whether a client has everything it asked for. */
  isSettled(clientId: string): boolean {
    const client = this.#state.clients.get(clientId)
    return client === undefined || (client.calls.size === 0 && client.phase.name !== 'waiting')
  }

  /** How many things the router holds; 0 when no client is connected and nothing is in flight. */
  size(): number {
    const { clients, calls, questions, heldQuestions, subscriptions, tasks } = this.#state
    return clients.size + calls.size + questions.size + heldQuestions.size + subscriptions.size + tasks.size
  }

  #isConnected(): boolean {
    return this.#state.server.name === 'initializing' || this.#state.server.name === 'ready'
  }

  #takeEffects(): Effect[] {
    releaseHeldQuestions(this.#state)
    sendWaitingCalls(this.#state)
    return this.#state.outbox.take()
  }
}
