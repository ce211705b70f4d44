import { INVALID_PARAMS, INVALID_REQUEST } from '../../shared/errors/json-rpc-code.ts'
import type { Failure } from '../../shared/errors/json-rpc-error.ts'
import type { AnswerFrame, RequestFrame } from '../../shared/frames/frame-scan.ts'
import { notificationFrame, recalledFrame, rewriteFrame } from '../../shared/frames/frame-write.ts'
import { isLaterVersion, LATEST_PROTOCOL_VERSION } from '../../shared/frames/protocol-version.ts'
import type { Client } from './client.ts'
import { needServer, sendWaitingCalls } from './client-calls.ts'
import { describeRefusal, speaksOnly } from './describe-refusal.ts'
import { verifyHeldLists } from './held-lists.ts'
import { NO_HELLO, parseHello } from './hello.ts'
import { adjustServerLogLevel } from './log-routing.ts'
import { refusal, refuse } from './replies.ts'
import { announce, askServer } from './router-calls.ts'
import { initializedClients, type RouterState } from './router-state.ts'
import { greetingFor, parseGreeting, type ServerGreeting } from './server-greeting.ts'
import { loseServer } from './server-loss.ts'
import { restoreServerMemory } from './server-memory.ts'

// All that any client may be able to do, so that the server may ask; whether the client that is asked can is looked up then.
// But for tasks of the server's at a client: a client is asked to answer, not to keep something for later.
const CAPABILITIES = {
  roots: { listChanged: true },
  sampling: { tools: {}, context: {} },
  elicitation: { form: {}, url: {} },
}

/** Answers a client's initialize from what the server once said, or lets it wait for that. */
export function greetClient(state: RouterState, client: Client, frame: RequestFrame): void {
  const hello = parseHello(frame)
  if (hello === undefined) {
    return refuse(state, client, frame.id.raw, refusal(state, INVALID_PARAMS, NO_HELLO))
  }
  if (client.phase.name === 'waiting') {
    return refuse(state, client, frame.id.raw, refusal(state, INVALID_REQUEST, 'An initialize is in flight already.'))
  }
  client.abilities = hello.abilities
  client.phase = { name: 'waiting', id: frame.id, offeredVersion: hello.protocolVersion, confirmed: false }
  const greeting = state.greeting ?? recallGreeting(state, client)
  if (greeting === undefined) needServer(state)
  else answerHello(state, client, greeting)
}

/** Completes a client's handshake. Returns whether that was due. */
export function confirmClient(state: RouterState, client: Client): boolean {
  const { phase } = client
  if (phase.name === 'waiting') client.phase = { ...phase, confirmed: true }
  if (phase.name === 'answered') welcome(state, client)
  return phase.name === 'waiting' || phase.name === 'answered'
}

/** Begins the handshake with a server that was just connected. */
export function openHandshake(state: RouterState): void {
  state.server = { name: 'initializing' }
  state.oneClientAtATime ||= state.options.takesTurns?.() ?? false
  const { clientInfo } = state.options
  askServer(state, 'initialize', { protocolVersion: LATEST_PROTOCOL_VERSION, capabilities: CAPABILITIES, clientInfo })
}

/** Takes the server's answer to initialize: every client that waits gets it, and what clients had set before is set again. */
export function completeHandshake(state: RouterState, answer: AnswerFrame): void {
  const { server } = state.options
  if (answer.failed) {
    return failHandshake(state, { code: 'server_unavailable', message: describeRefusal(server, answer) }, answer)
  }
  const greeting = parseGreeting(answer.bytes)
  if (greeting === undefined) {
    const message = `server "${server}": it answered initialize without a protocol version.`
    return failHandshake(state, { code: 'server_unavailable', message })
  }
  if (isLaterVersion(greeting.protocolVersion)) {
    const message = speaksOnly(server, [greeting.protocolVersion])
    return failHandshake(state, { code: 'server_unavailable', message })
  }
  state.greeting = greeting
  state.server = { name: 'ready', announced: false }
  const { start, end } = greeting.result
  state.outbox.put({ kind: 'server-ready', result: Buffer.from(greeting.bytes.subarray(start, end)) })
  if (initializedClients(state).length > 0) announce(state)
  for (const client of state.clients.values()) answerHello(state, client, greeting)
  restoreServerMemory(state)
  // Lists may take a server long, and nobody waits for these.
  sendWaitingCalls(state)
  verifyHeldLists(state)
}

/** Gives up a handshake that did not end well. The connection is of no use then. */
export function failHandshake(state: RouterState, loss: Failure, refusedBy?: AnswerFrame): void {
  state.outbox.put({ kind: 'handshake-failed', loss })
  loseServer(state, loss, refusedBy && ((idRaw) => rewriteFrame(refusedBy, { id: idRaw })))
}

// The service asks to know what the server says now.
function recallGreeting(state: RouterState, { isService }: Client): ServerGreeting | undefined {
  const result = isService ? undefined : state.options.recall?.('initialize')
  return result && parseGreeting(recalledFrame('0', result))
}

function answerHello(state: RouterState, client: Client, greeting: ServerGreeting): void {
  const { phase } = client
  if (phase.name !== 'waiting') return
  state.outbox.toClient(client.id, greetingFor(greeting, phase.id.raw, phase.offeredVersion))
  client.phase = { name: 'answered' }
  if (phase.confirmed) welcome(state, client)
}

function welcome(state: RouterState, client: Client): void {
  client.phase = { name: 'initialized' }
  const news = state.server.name === 'ready' && state.server.announced
  // A server that asked for roots before this client was there asks again.
  if (news && isOnlyOneWithRoots(state, client))
    state.outbox.toServer(notificationFrame('notifications/roots/list_changed'))
  announce(state)
  adjustServerLogLevel(state)
}

/** Whether a server that asks for roots now would be answered by this client. */
export function isOnlyOneWithRoots(state: RouterState, client: Client): boolean {
  const withRoots = initializedClients(state).filter(({ abilities }) => abilities.roots)
  return withRoots.length === 1 && withRoots[0] === client
}
