import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FindToolsRequest } from '../../shared/contracts/find-tools-request.ts'
import type { Environment } from '../../shared/environment.ts'
import { ServiceError } from '../../shared/errors/service-error.ts'
import { controlSocketPath, grpcSocketPath } from '../../shared/server-socket.ts'
import type {
  AllServers,
  FindToolsService,
  ServerControl,
  WorkerControl,
} from '../../worker-service/control/worker-control.ts'
import type { FinishedCall, FinishedRequest } from '../../worker-service/observability/events.ts'
import { createMetrics } from '../../worker-service/observability/metrics.ts'
import { startFaces } from '../../worker-service/start-faces.ts'
import { createFindTools } from '../../worker-service/tool-selection/find-tools.ts'
import type { ToolSelector } from '../../worker-service/tool-selection/tool-selector.ts'

export interface RunningHttp {
  url: string
  token: string
  socketPath: string
  /** Where gRPC is spoken without a token and, as `host:port`, with one. */
  grpcSocketPath: string
  grpcAddress: string
  /** Every find_tools request the selector saw, parsed. */
  requests: FindToolsRequest[]
  /** Every access line. */
  finished: FinishedRequest[]
  /** Every gRPC call that is over. */
  calls: FinishedCall[]
  /** Errors nobody expected; a test that causes one has found a bug. */
  unexpected: unknown[]
  /** How often the worker was asked to end. */
  shutDowns: number
  close(): Promise<void>
}

interface TestHttpOptions {
  attach?: ToolSelector['attach']
  worker?: Partial<Environment['worker']>
  servers?: Partial<ServerControl>
  toolsOf?: WorkerControl['toolsOf']
}

/** The worker's real listeners on free ports, over a selector that answers at once unless `attach` says otherwise. */
export async function startTestHttp(options: TestHttpOptions = {}): Promise<RunningHttp> {
  const requests: FindToolsRequest[] = []
  const finished: FinishedRequest[] = []
  const unexpected: unknown[] = []
  const selector = recordingSelector(requests, options.attach)
  const token = 'test-token'
  const { toolsOf = () => [] } = options
  const folder = await mkdtempDisposable(join(tmpdir(), 'http-'))
  const runtimeFolder = folder.path
  const sockets = { socketPath: controlSocketPath(runtimeFolder), grpcSocketPath: grpcSocketPath(runtimeFolder) }
  const calls: FinishedCall[] = []
  const running = { token, ...sockets, requests, finished, calls, unexpected, shutDowns: 0 }
  const faces = await startFaces({
    service: {
      ...serviceOver(selector),
      servers: { ...NO_SERVERS, ...options.servers },
      allServers: NO_ALL_SERVERS,
      toolsOf,
      toolTextsOf: (server) => toolsOf(server).map((tool) => JSON.stringify(tool)),
      shutDown: () => running.shutDowns++,
    },
    metrics: createMetrics().registry,
    events: {
      requestFinished: (request) => finished.push(request),
      unexpectedError: (error) => unexpected.push(error),
      grpc: {
        callFinished: (call) => calls.push(call),
        unexpectedError: (error) => unexpected.push(error),
      },
    },
    token,
    worker: { ...WORKER, ...options.worker, port: options.worker?.port ?? 0 },
    docsFolder: new URL('../../dist/docs', import.meta.url).pathname,
    runtimeFolder,
    grpcPort: 0,
  })
  const close = async () => {
    // So long as a machine may stand still; what is still open then is cut.
    await faces.close(GRACE_MS)
    await folder[Symbol.asyncDispose]()
  }
  return Object.assign(running, { url: faces.url, grpcAddress: faces.grpcAddress ?? '', close })
}

const GRACE_MS = 30_000

const WORKER: Environment['worker'] = {
  url: undefined,
  host: '127.0.0.1',
  port: 0,
  requestTimeoutMs: 30_000,
  auth: 'auto',
  allowedHosts: ['worker.example'],
  token: undefined,
  tokenFile: '/nonexistent',
}

const NO_SERVERS: ServerControl = {
  configPath: '/etc/mcp.json',
  status: () => {
    throw new ServiceError('internal', 'Nobody asks for it.')
  },
  row: () => {
    throw noServer()
  },
  start: () => Promise.reject(noServer()),
  stop: () => Promise.reject(noServer()),
  restart: () => Promise.reject(noServer()),
  askForTools: () => Promise.reject(noServer()),
  acceptTools: () => Promise.reject(noServer()),
  lastLines: () => Promise.reject(noServer()),
  followLines: () => {
    throw noServer()
  },
  execute: () => Promise.reject(noServer()),
  connect: () => {
    throw noServer()
  },
  maxMessageBytes: () => 1024,
}

function noServer(): ServiceError {
  return new ServiceError('unknown_server', 'There is no server.')
}

const NO_ALL_SERVERS: AllServers = {
  connect: () => {
    throw new ServiceError('unknown_server', 'There is no server.')
  },
  maxMessageBytes: () => 1024,
}

function recordingSelector(requests: FindToolsRequest[], attach: ToolSelector['attach'] = answerNothing): ToolSelector {
  return {
    attach: (request, caller, signal) => {
      requests.push(request)
      return attach(request, caller, signal)
    },
    search: () => Promise.resolve([]),
    check: () => Promise.resolve({ tools: 0, servers: [] }),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}

function serviceOver(selector: ToolSelector): FindToolsService {
  return {
    findTools: createFindTools({ selector, maxLimit: 25 }),
    search: (query, limit, signal) => selector.search(query, limit, signal),
    checkSelector: (signal) => selector.check(signal),
    health: () => ({ status: 'healthy', service: 'pilotlight-worker', version: '0.0.0', uptime_s: 1 }),
    readiness: () =>
      Promise.resolve({
        status: 'ready',
        dependencies: {
          selector: { status: 'ready' },
          catalog: { status: 'ready', tools: 0, servers: [], skipped: {} },
          pool: { status: 'ready' },
        },
      }),
  }
}

function answerNothing(): ReturnType<ToolSelector['attach']> {
  return Promise.resolve({
    status: 'success',
    message: 'Nothing was searched.',
    details: {
      successful_attachments: [],
      detached_tools: [],
      failed_attachments: [],
      preserved_tools: [],
      processed_count: 0,
      passed_filter_count: 0,
      success_count: 0,
      failure_count: 0,
      target_agent: null,
    },
  })
}
