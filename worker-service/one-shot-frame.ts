import { ServiceError } from '../shared/errors/service-error.ts'
import { requestFrame } from '../shared/frames/frame-write.ts'
import { LATEST_PROTOCOL_VERSION } from '../shared/frames/protocol-version.ts'
import { aggregateServers } from './aggregated-servers.ts'
import type { PassingServers } from './passing-servers.ts'
import type { Service } from './service.ts'

interface FrameContext {
  readonly service: Service
  /** What the servers have besides tools. */
  readonly servers: Pick<PassingServers, 'openLists'>
  /** The MCP session that the request is of. */
  readonly session: string | undefined
  /** The highest `limit` of find_tools. */
  readonly maxLimit: number
}

const HELLO = {
  protocolVersion: LATEST_PROTOCOL_VERSION,
  capabilities: {},
  clientInfo: { name: 'one-shot', version: '1' },
}

/** Nothing runs, and nothing is started. */
const NO_SERVERS = {
  check: () => {},
  connect(server: string): never {
    throw new ServiceError('server_unavailable', `server "${server}": nothing runs here.`)
  },
  isRunning: () => false,
  isWithheld: () => false,
  maxResultBytes: () => 0,
}

/** The answer to a client's request, JSON text, as a worker gives it that knows what is remembered and of which no server runs. Rejects with the signal's reason. */
export async function answerFrame(
  request: Buffer,
  { service, servers, session, maxLimit }: FrameContext,
  signal: AbortSignal,
): Promise<string> {
  const { promise: answer, resolve, reject } = Promise.withResolvers<Buffer>()
  signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  const answers: Array<(bytes: Buffer) => void> = [() => {}, resolve]
  const unexpectedError = (cause: unknown) => void process.stderr.write(`Error: ${String(cause)}\n`)
  const observer = { listMissing: () => {}, unexpectedError }
  const lists = await servers.openLists()
  using aggregator = aggregateServers({
    servers: { ...NO_SERVERS, openLists: () => lists },
    service,
    maxLimit,
    observer,
  })
  const client = aggregator.connect({
    ...(session !== undefined && { session }),
    frame: (bytes) => answers.shift()?.(bytes),
    closed: () => {},
  })
  client.send(requestFrame('hello', 'initialize', HELLO))
  client.send(request)
  return (await answer).toString()
}
