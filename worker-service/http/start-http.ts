import { getRequestListener } from '@hono/node-server'
import type { Environment } from '../../shared/environment.ts'
import type { PoolClient } from '../server-pool/client-session.ts'
import { SYSTEM_CLOCK } from '../server-pool/clock.ts'
import { Admission } from './admission.ts'
import { createApp, type HttpEvents } from './create-app.ts'
import type { HttpService, MetricsSource } from './http-service.ts'
import { type HttpListener, listen } from './listen.ts'
import { McpSessions, type McpTarget } from './mcp/mcp-sessions.ts'

// Far above what one machine answers in a moment; below it nothing waits long, above it memory would be the limit.
const MAX_CALLS_IN_FLIGHT = 4_096

export interface HttpStart {
  service: HttpService
  metrics: MetricsSource
  events: HttpEvents
  token: string
  worker: Environment['worker']
  docsFolder: string
}

/** Puts the worker's HTTP application on its port. Closing it drains: new calls are refused, those in flight finish. */
export async function startHttp({
  service,
  metrics,
  events,
  token,
  worker,
  docsFolder,
}: HttpStart): Promise<HttpListener> {
  const { host, port, auth, allowedHosts } = worker
  const admission = new Admission(MAX_CALLS_IN_FLIGHT)
  const guard = { onLoopback: isLoopback(host), auth, token, allowedHosts: [...namesOf(host), ...allowedHosts] }
  const sessions = new McpSessions({ connect: connectTo(service), clock: SYSTEM_CLOCK })
  const now = () => performance.now()
  const app = createApp({ service, metrics, sessions, admission, guard, docsFolder, events, now })
  const handle = getRequestListener(app.fetch)
  const listener = await listen((incoming, outgoing) => void handle(incoming, outgoing), { host, port })
  return {
    url: listener.url,
    close: async (graceMs) => {
      admission.drain()
      sessions.stopListening()
      await listener.close(graceMs)
      sessions[Symbol.dispose]()
    },
  }
}

function connectTo({ servers, allServers }: HttpService) {
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
