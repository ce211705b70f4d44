import type { IncomingMessage } from 'node:http'
import { SESSION_ID } from '../../../shared/contracts/find-tools-fields.ts'
import { INVALID_REQUEST } from '../../../shared/errors/json-rpc-code.ts'
import { type JsonRpcError, refusalError, toJsonRpcError } from '../../../shared/errors/json-rpc-error.ts'
import { ServiceError } from '../../../shared/errors/service-error.ts'
import { toFailure } from '../../../shared/errors/to-failure.ts'
import { type RequestFrame, scanFrame } from '../../../shared/frames/frame-scan.ts'
import { errorFrame } from '../../../shared/frames/frame-write.ts'
import { PROTOCOL_VERSIONS } from '../../../shared/frames/protocol-version.ts'
import { answerableId, OWN_NAME } from '../../../shared/frames/replies.ts'
import type { Admission } from '../../control/admission.ts'
import type { WorkerControl } from '../../control/worker-control.ts'
import type { Exchange } from '../create-app.ts'
import { HTTP_STATUS_BY_CODE, JSON_HEADERS, retryAfterHeader } from '../error-response.ts'
import { McpRefusal } from '../mcp/mcp-refusal.ts'
import { type McpSession, SESSION_HEADER, type UsableFrame } from '../mcp/mcp-session.ts'
import type { McpSessions, McpTarget } from '../mcp/mcp-sessions.ts'
import { readJsonBytes } from '../read-json-body.ts'
import { refuseUnknown } from '../refuse-unknown.ts'
import { originOf } from './find-tools.ts'

export interface McpRouteOptions {
  sessions: McpSessions
  admission: Admission
  service: Pick<WorkerControl, 'servers' | 'allServers'>
}

interface Place {
  target: McpTarget
  incoming: IncomingMessage
  sessions: McpSessions
  /** The id of the request that is refused where there is no session. */
  idRaw?: string | undefined
}

/** Answers a request to an endpoint: on the response itself, and resolves with undefined then; or with what is to be answered. */
export type McpEndpoint = (target: McpTarget, exchange: Exchange) => Promise<Response | undefined>

/** `/mcp` and `/mcp/{server}`: MCP over Streamable HTTP, to all servers at once and to one of them. */
export function createMcpEndpoint(options: McpRouteOptions): McpEndpoint {
  const { sessions, admission } = options
  return async (target, exchange) => {
    const { method = '' } = exchange.incoming
    switch (method) {
      case 'POST':
        return answering(() => admission.run(() => post(target, exchange, options)))
      case 'GET':
        return answering(() => listen(target, exchange, sessions))
      case 'DELETE':
        return answering(() => end(target, exchange, sessions))
      default:
        return refuseUnknown(method, exchange.path)
    }
  }
}

async function post(
  target: McpTarget,
  { incoming, outgoing }: Exchange,
  options: McpRouteOptions,
): Promise<Response | undefined> {
  requireAccept(incoming, ['application/json', 'text/event-stream'], target)
  const frame = readFrame(await readJsonBytes(incoming, maxMessageBytes(target, options.service)), target)
  const idRaw = frame.kind === 'request' ? frame.id.raw : undefined
  const session = sessionFor(frame, { target, incoming, sessions: options.sessions, idRaw })
  if (frame.kind !== 'request') {
    session.tell(frame)
    return new Response(null, { status: 202 })
  }
  if (session.ask(frame, outgoing)) return undefined
  throw new McpRefusal(400, toRpcError(target, 'A request with this id is in flight already.'), { idRaw: frame.id.raw })
}

function maxMessageBytes({ server }: McpTarget, { servers, allServers }: McpRouteOptions['service']): number {
  return server === undefined ? allServers.maxMessageBytes() : servers.maxMessageBytes(server)
}

function readFrame(bytes: Buffer, target: McpTarget): UsableFrame {
  const frame = scanFrame(bytes)
  if (frame.kind !== 'unusable') return frame
  const error = refusalError(nameOf(target), frame.code, frame.problem)
  throw new McpRefusal(400, error, { idRaw: answerableId(frame) })
}

/** The session that a frame is of; initialize without one begins one. */
function sessionFor(frame: UsableFrame, place: Place): McpSession {
  if (place.incoming.headers[SESSION_HEADER] !== undefined) return knownSession(place)
  if (frame.kind === 'request' && frame.method === 'initialize') return begin(frame, place)
  const remedy = `Send initialize first, then the ${SESSION_HEADER} header of its answer with every message.`
  throw new McpRefusal(400, toRpcError(place.target, remedy), { idRaw: place.idRaw })
}

function begin({ id }: RequestFrame, { target, incoming, sessions }: Place): McpSession {
  const { session } = originOf(incoming)
  try {
    return sessions.create(target, session !== undefined && SESSION_ID.test(session) ? session : undefined)
  } catch (thrown) {
    const error = ServiceError.from(thrown)
    const rpcError = toJsonRpcError(nameOf(target), toFailure(error))
    const details = { idRaw: id.raw, headers: retryAfterHeader(error) }
    throw new McpRefusal(HTTP_STATUS_BY_CODE[error.code], rpcError, details)
  }
}

function knownSession({ target, incoming: { headers }, sessions, idRaw }: Place): McpSession {
  const version = headers['mcp-protocol-version']
  if (version !== undefined && !PROTOCOL_VERSIONS.some((known) => known === version)) {
    throw new McpRefusal(
      400,
      toRpcError(target, `MCP-Protocol-Version must be one of ${PROTOCOL_VERSIONS.join(', ')}.`),
      { idRaw },
    )
  }
  const session = sessions.get(String(headers[SESSION_HEADER]), target)
  if (session !== undefined) return session
  throw new McpRefusal(404, toRpcError(target, 'This session is over, or never was. Send initialize anew.'), { idRaw })
}

function listen(target: McpTarget, { incoming, outgoing }: Exchange, sessions: McpSessions): Response | undefined {
  requireAccept(incoming, ['text/event-stream'], target)
  const session = requiredSession({ target, incoming, sessions })
  switch (session.listen(outgoing, incoming.headers['last-event-id']?.toString())) {
    case 'listening':
      return undefined
    case 'nothing more':
      // The one answer after which a reader of events does not come back (HTML, 9.2.2).
      return new Response(null, { status: 204 })
    case 'no such event':
      throw new McpRefusal(400, toRpcError(target, 'Last-Event-ID names no event of this session.'))
  }
}

function end(target: McpTarget, { incoming }: Exchange, sessions: McpSessions): Response {
  requiredSession({ target, incoming, sessions }).close()
  return new Response(null, { status: 204 })
}

function requiredSession(place: Place): McpSession {
  if (place.incoming.headers[SESSION_HEADER] !== undefined) return knownSession(place)
  throw new McpRefusal(400, toRpcError(place.target, `The ${SESSION_HEADER} header is missing.`))
}

function requireAccept({ headers }: IncomingMessage, types: readonly string[], target: McpTarget): void {
  const accepted = headers.accept ?? '*/*'
  if (accepted.includes('*/*') || types.every((type) => accepted.includes(type))) return
  throw new McpRefusal(406, toRpcError(target, `The client must accept ${types.join(' and ')}.`))
}

/** Turns refusals into errors of JSON-RPC, which MCP clients can show. */
async function answering(
  handle: () => Response | undefined | Promise<Response | undefined>,
): Promise<Response | undefined> {
  try {
    return await handle()
  } catch (thrown) {
    if (!(thrown instanceof McpRefusal)) throw thrown
    const { status, error, idRaw, headers } = thrown
    return new Response(new Uint8Array(errorFrame(idRaw, error)), { status, headers: { ...JSON_HEADERS, ...headers } })
  }
}

function toRpcError(target: McpTarget, message: string): JsonRpcError {
  return refusalError(nameOf(target), INVALID_REQUEST, message)
}

function nameOf({ server = OWN_NAME }: McpTarget): string {
  return server
}
