import type { Socket } from 'node:net'
import { Server, ServerCredentials } from '@grpc/grpc-js'
import { createTokenCheck } from '../control/bearer-token.ts'
import type { FinishedCall } from '../observability/events.ts'
import { CallHandlers, type Unexpected } from './call-handlers.ts'
import { HealthService } from './generated/grpc/health/v1/health.ts'
import { ServerReflectionService } from './generated/grpc/reflection/v1/reflection.ts'
import { McpDaemonService } from './generated/mcp_daemon/mcp_daemon.ts'
import { PoolService } from './generated/pilotlight/v1/pool.ts'
import type { GrpcControl } from './grpc-control.ts'
import { createCallGuard } from './guard-calls.ts'
import { createHealthService } from './health-service.ts'
import { createMcpDaemonService } from './mcp-daemon-service.ts'
import { createPoolService } from './pool-service.ts'
import { createReflectionService, REFLECTION_BEFORE_V1 } from './reflection-service.ts'

/** What the worker tells of gRPC to whoever observes it. */
export interface GrpcEvents {
  callFinished(call: FinishedCall): void
  unexpectedError(error: unknown, path: string): void
}

export interface GrpcServerOptions extends GrpcControl {
  /** Undefined where none is asked for. */
  token: string | undefined
  events: GrpcEvents
}

/** Speaks gRPC on connections that somebody else takes. */
export interface GrpcConnections {
  serve(connection: Socket): void
  /** Lets calls in flight finish, and cuts what is left after `graceMs`. */
  close(graceMs: number): Promise<void>
}

const SERVICES = ['mcp_daemon.McpDaemon', 'pilotlight.v1.Pool']
const STANDARD_SERVICES = ['grpc.health.v1.Health', 'grpc.reflection.v1.ServerReflection']
// Names and the frame of a message, beside its arguments.
const ENVELOPE_BYTES = 64 * 1024
// A client that comes back opens another one without a word.
const IDLE_MS = 10 * 60_000
// A peer whose machine has vanished says nothing, and its streams would be counted for ever.
const KEEP_ALIVE_MS = 60_000
const KEEP_ALIVE_DEADLINE_MS = 20_000

/** Makes the server of one listener. */
export function createGrpcServer(options: GrpcServerOptions): GrpcConnections {
  const { token, events, worker } = options
  const checkToken = token === undefined ? undefined : createTokenCheck(token)
  const server = new Server({
    interceptors: [createCallGuard({ checkToken, finished: (call) => events.callFinished(call) })],
    'grpc.max_receive_message_length': worker.allServers.maxMessageBytes() + ENVELOPE_BYTES,
    'grpc.max_connection_idle_ms': IDLE_MS,
    'grpc.keepalive_time_ms': KEEP_ALIVE_MS,
    'grpc.keepalive_timeout_ms': KEEP_ALIVE_DEADLINE_MS,
    'grpc.enable_channelz': 0,
  })
  addServices(server, options, (thrown, path) => events.unexpectedError(thrown, path))
  const connections = server.createConnectionInjector(ServerCredentials.createInsecure())
  return {
    serve: (connection) => connections.injectConnection(connection),
    close: (graceMs) => close(server, graceMs),
  }
}

function addServices(server: Server, control: GrpcControl, unexpected: Unexpected): void {
  const handlers = new CallHandlers(unexpected)
  const reflection = createReflectionService([...SERVICES, ...STANDARD_SERVICES], handlers)
  server.addService(McpDaemonService, createMcpDaemonService(control, handlers))
  server.addService(PoolService, createPoolService(control, handlers))
  server.addService(HealthService, createHealthService(control, SERVICES, handlers))
  server.addService(ServerReflectionService, reflection)
  server.addService(REFLECTION_BEFORE_V1, reflection)
}

function close(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.forceShutdown(), graceMs)
    server.tryShutdown(() => {
      clearTimeout(cut)
      resolve()
    })
  })
}
