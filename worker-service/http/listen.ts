import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { dirname } from 'node:path'
import { ServiceError } from '../../shared/errors/service-error.ts'
import { systemCodeOf } from '../../shared/errors/system-code.ts'
import { ensurePrivateFolder } from '../../shared/files/private-folder.ts'
import { putOnSocket } from '../sockets/listen-on-socket.ts'

/** A listener that takes connections until it is closed. */
export interface HttpListener {
  /** `http://host:port` as it can be met. */
  url: string
  /** Takes no new connections, lets requests in flight finish, and cuts what is left after `graceMs`. */
  close(graceMs: number): Promise<void>
}

// Longer than any pool of our own or a proxy's keeps a silent connection, so that it is never us who closes under a request.
const KEEP_ALIVE_MS = 75_000
const HEADERS_DEADLINE_MS = 10_000
const REQUEST_DEADLINE_MS = 15_000

/** Listens on one address, or on another port of it where `orAnyPort` and that one is taken. Throws `server_unavailable` that says what to do when the port is taken or not allowed. */
export async function listen(
  handler: RequestListener,
  { host, port, orAnyPort = false }: { host: string; port: number; orAnyPort?: boolean },
): Promise<HttpListener> {
  const { server, close } = createHttpServer(handler)
  await started(server, host, port).catch((thrown: unknown) => {
    if (orAnyPort && isTaken(thrown)) return started(server, host, 0)
    throw thrown
  })
  const address = server.address() as AddressInfo
  const shown = address.family === 'IPv6' ? `[${address.address}]` : address.address
  return { url: `http://${shown}:${address.port}`, close }
}

/**
 * Listens on a Unix socket in a folder of the user's own. What a dead worker left there is replaced. Throws `server_unavailable`, and
 * `invalid_configuration` where the folder is not private.
 */
export async function listenPrivately(handler: RequestListener, path: string): Promise<Pick<HttpListener, 'close'>> {
  ensurePrivateFolder(dirname(path))
  const { server, close } = createHttpServer(handler)
  const listener = await putOnSocket(server, path)
  return {
    close: async (graceMs) => {
      await listener[Symbol.asyncDispose]()
      await close(graceMs)
    },
  }
}

function createHttpServer(handler: RequestListener): { server: Server; close: HttpListener['close'] } {
  const server = createServer(
    {
      keepAliveTimeout: KEEP_ALIVE_MS,
      headersTimeout: HEADERS_DEADLINE_MS,
      requestTimeout: REQUEST_DEADLINE_MS,
      connectionsCheckingInterval: 1_000,
      // The guard counts them itself and refuses.
      // Host too: Node's own 400 for a missing one has no body.
      requireHostHeader: false,
      noDelay: true,
    },
    handler,
  )
  server.maxHeadersCount = 0
  const connections = new Set<Socket>()
  server.on('connection', (socket) => {
    connections.add(socket)
    socket.once('close', () => connections.delete(socket))
  })
  return { server, close: (graceMs) => closeServer(server, connections, graceMs) }
}

function started(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => reject(listenError(cause, host, port)))
    server.listen({ host, port, backlog: 1_024 }, resolve)
  })
}

function isTaken(thrown: unknown): boolean {
  return systemCodeOf(ServiceError.from(thrown).cause) === 'EADDRINUSE'
}

function listenError(cause: NodeJS.ErrnoException, host: string, port: number): ServiceError {
  const remedies: Record<string, string> = {
    EADDRINUSE:
      'the port is taken. Another worker may be running; stop it or set WORKER_SERVICE_PORT (or "service.port").',
    EACCES: 'not permitted. Set WORKER_SERVICE_PORT to a port above 1023.',
    EADDRNOTAVAIL: 'this machine has no such address. Set WORKER_SERVICE_HOST to one it has.',
    ENOTFOUND: 'this name is not known. Set WORKER_SERVICE_HOST to an address of this machine.',
  }
  const remedy = remedies[cause.code ?? ''] ?? `${cause.code ?? cause.message}.`
  return new ServiceError('server_unavailable', `Cannot listen on ${host}:${port}: ${remedy}`, { cause })
}

function closeServer(server: Server, connections: ReadonlySet<Socket>, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), graceMs)
    // Parked keep-alive sockets would hold `close` until they time out; one that finishes a request now parks anew.
    const sweep = setInterval(() => {
      server.closeIdleConnections()
      // Clients open some beforehand. Where nothing was asked yet Node does not take one for idle. What was sent before is read by now.
      for (const connection of connections) if (connection.bytesRead === 0) connection.destroy()
    }, 50)
    server.close(() => {
      clearTimeout(cut)
      clearInterval(sweep)
      resolve()
    })
    server.closeIdleConnections()
  })
}
