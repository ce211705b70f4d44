import type { RequestListener } from 'node:http'
import type { Environment } from '../../shared/environment.ts'
import type { Admissions } from '../control/admission.ts'
import type { WorkerControl } from '../control/worker-control.ts'
import type { WorkerUse } from '../control/worker-use.ts'
import type { PoolClient } from '../server-pool/client-session.ts'
import { SYSTEM_CLOCK } from '../server-pool/clock.ts'
import { createApp, type HttpEvents } from './create-app.ts'
import type { Reach } from './guard.ts'
import { type HttpListener, listen, listenPrivately } from './listen.ts'
import { McpSessions, type McpTarget } from './mcp/mcp-sessions.ts'
import type { MetricsSource } from './routes/metrics.ts'

export interface HttpStart extends Admissions {
  service: WorkerControl
  metrics: MetricsSource
  events: HttpEvents
  token: string
  /** `orAnyPort`: any other port will do where that one is taken. */
  worker: Environment['worker'] & { port: number; orAnyPort?: boolean }
  docsFolder: string
  /** Is told of calls, streams and clients. */
  use?: WorkerUse
  /** Where the socket is put on which no token is needed. */
  socketPath: string
}

/** Puts the worker's HTTP application on its port and its socket. Closing it drains: new calls are refused, those in flight finish. */
export async function startHttp(start: HttpStart): Promise<HttpListener> {
  const { host, port, orAnyPort = false, auth, allowedHosts } = start.worker
  const { admission, streams } = start
  const sessions = new McpSessions({ connect: connectTo(start.service), clock: SYSTEM_CLOCK, use: start.use })
  const handlerFor = (reach: Reach, ownHosts: readonly string[]): RequestListener => {
    const guard = { reach, auth, token: start.token, allowedHosts: [...ownHosts, ...allowedHosts] }
    const now = () => performance.now()
    return createApp({ ...start, sessions, guard, now })
  }
  const onPort = await listen(handlerFor(isLoopback(host) ? 'machine' : 'network', namesOf(host)), {
    host,
    port,
    orAnyPort,
  })
  const listeners = [onPort, await listenOnSocket(handlerFor('user', []), start.socketPath, onPort)]
  return {
    url: onPort.url,
    close: async (graceMs) => {
      admission.drain()
      streams.drain()
      sessions.stopListening()
      await Promise.all(listeners.map((listener) => listener.close(graceMs)))
      sessions[Symbol.dispose]()
    },
  }
}

async function listenOnSocket(handler: RequestListener, path: string, onPort: HttpListener) {
  try {
    return await listenPrivately(handler, path)
  } catch (thrown) {
    await onPort.close(0)
    throw thrown
  }
}

function connectTo({ servers, allServers }: WorkerControl) {
  return ({ server }: McpTarget, client: PoolClient) =>
    server === undefined ? allServers.connect(client) : servers.connect(server, client)
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
}

// A wildcard is no name: a page may ask for http://0.0.0.0 and must not get in by it.
function namesOf(host: string): string[] {
  if (host === '0.0.0.0' || host === '::') return []
  return [host.includes(':') ? `[${host}]` : host]
}
