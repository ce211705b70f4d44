import type { ServerStatus } from '../../shared/contracts/server-status.ts'
import type { ToolCall } from '../../shared/contracts/tool-call.ts'
import { knownToolTexts } from '../control/known-tool-texts.ts'
import { checkedLines } from '../control/log-lines.ts'
import { createStatusSampler, watchStatus } from '../control/watch-status.ts'
import type { CallHandlers, MessageStream } from './call-handlers.ts'
import { checkedArguments } from './checked-arguments.ts'
import type {
  ExecuteEvent,
  ExecuteRequest,
  LogsRequest,
  LogsResponse,
  PoolServer,
  ServerRequest,
} from './generated/pilotlight/v1/pool.ts'
import type { GrpcControl } from './grpc-control.ts'
import { toProgress, toServer, toStatusResponse, toTool } from './pool-messages.ts'

type Action = (server: string) => Promise<ServerStatus>

/** `pilotlight.v1.Pool`: what the routes of status and servers do over HTTP. */
export function createPoolService(control: GrpcControl, handlers: CallHandlers): PoolServer {
  const { worker, admission } = control
  const { servers } = worker
  const sample = createStatusSampler(() => servers.status())
  const acting = (act: Action) =>
    handlers.unary(({ name }: ServerRequest) => admission.run(async () => toServer(await act(name))))
  return {
    status: handlers.unary(() => toStatusResponse(servers.status())),
    watchStatus: handlers.streaming((_, stream) =>
      sendAll(control, stream, async function* (signal) {
        for await (const status of watchStatus(sample, signal)) yield toStatusResponse(status)
      }),
    ),
    listServers: handlers.unary(() => ({ servers: servers.status().servers.map(toServer) })),
    getServer: handlers.unary(({ name }) => toServer(servers.row(name))),
    start: acting((server) => servers.start(server)),
    stop: acting((server) => servers.stop(server)),
    restart: acting((server) => servers.restart(server)),
    acceptTools: acting((server) => servers.acceptTools(server)),
    getTools: handlers.unary(({ name }) => ({ tools: knownToolTexts(worker, name).map(toTool) })),
    ...executeMethods(control, handlers),
    ...logMethods(control, handlers),
    shutdown: handlers.unary(() => {
      worker.shutDown()
      return { status: 'draining' }
    }),
  }
}

function executeMethods({ worker, admission }: GrpcControl, handlers: CallHandlers) {
  const { servers } = worker
  const callOf = ({ server, tool, arguments: args }: ExecuteRequest): ToolCall =>
    checkedArguments(servers, { server, tool, args })
  return {
    execute: handlers.unary((request: ExecuteRequest, signal) =>
      admission.run(async () => {
        const result = await servers.execute(request.server, callOf(request), signal)
        return { result: result.toString() }
      }),
    ),
    executeStream: handlers.streaming((request: ExecuteRequest, stream: MessageStream<ExecuteEvent>) =>
      admission.run(async () => {
        const progressed = (params: unknown) => tellProgress(stream, params)
        const result = await servers.execute(request.server, { ...callOf(request), progressed }, stream.signal)
        stream.send({ event: { $case: 'result', value: result.toString() } })
      }),
    ),
  }
}

// The newest tells all; a client that is behind can do without the others.
function tellProgress(stream: MessageStream<ExecuteEvent>, params: unknown): void {
  const progress = toProgress(params)
  if (progress !== undefined && !stream.isBehind) stream.send({ event: { $case: 'progress', value: progress } })
}

function logMethods(control: GrpcControl, handlers: CallHandlers) {
  const { servers } = control.worker
  return {
    logs: handlers.unary(async ({ server, lines }: LogsRequest) => ({
      lines: await servers.lastLines(server, checkedLines(lines)),
    })),
    followLogs: handlers.streaming(({ server, lines }: LogsRequest, stream: MessageStream<LogsResponse>) =>
      sendAll(control, stream, async function* (signal) {
        for await (const added of servers.followLines(server, checkedLines(lines), signal)) yield { lines: added }
      }),
    ),
  }
}

/** Sends messages no faster than they are read, until the client leaves or the worker drains. */
function sendAll<Message>(
  { streams }: GrpcControl,
  stream: MessageStream<Message>,
  messages: (signal: AbortSignal) => AsyncIterable<Message>,
): Promise<void> {
  return streams.run(async () => {
    const signal = AbortSignal.any([stream.signal, streams.drained])
    for await (const message of messages(signal)) {
      stream.send(message)
      await stream.caughtUp()
      if (signal.aborted) break
    }
  })
}
