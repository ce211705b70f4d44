import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { dirname } from 'node:path'
import { ServiceError } from '../../shared/errors/service-error.ts'
import { ensurePrivateFolder } from '../../shared/files/private-folder.ts'
import { putOnSocket, type SocketListener } from '../sockets/listen-on-socket.ts'
import type { GrpcControl } from './grpc-control.ts'
import type { GrpcConnections, GrpcEvents } from './grpc-server.ts'

export interface GrpcStart extends GrpcControl {
  events: GrpcEvents
  /** What callers over TCP have to know. */
  token: string
  /** Where the socket is put on which no token is needed. */
  socketPath: string
  /** Where callers with a token connect; undefined for nowhere. */
  address: { host: string; port: number } | undefined
}

/** A listener that takes connections until it is closed. */
export interface GrpcListener {
  /** `host:port`, undefined where it listens on its socket only. */
  readonly address: string | undefined
  /** Takes no new connections, lets calls in flight finish, and cuts what is left after `graceMs`. */
  close(graceMs: number): Promise<void>
}

/**
 * Listens for gRPC. What speaks it is loaded with the first connection: most workers never see one, and it would be a tenth of what they
 * hold in memory. Throws `server_unavailable` that says what to do when the port is taken or not allowed.
 */
export async function listenForGrpc(start: GrpcStart): Promise<GrpcListener> {
  const privately = new GrpcPlace(start, undefined)
  const openly = new GrpcPlace(start, start.token)
  ensurePrivateFolder(dirname(start.socketPath))
  const socket = await putOnSocket(privately.listener, start.socketPath)
  if (start.address !== undefined) await listening(openly.listener, start.address, socket)
  return {
    address: addressOf(openly.listener),
    close: async (graceMs) => {
      await socket[Symbol.asyncDispose]()
      await Promise.all([privately.close(graceMs), openly.close(graceMs)])
    },
  }
}

/** One place where connections come in. */
class GrpcPlace {
  readonly listener: Server
  readonly #start: GrpcStart
  readonly #token: string | undefined
  #connections: Promise<GrpcConnections> | undefined

  constructor(start: GrpcStart, token: string | undefined) {
    this.#start = start
    this.#token = token
    // Nothing is read before there is somebody to read it.
    this.listener = createServer({ pauseOnConnect: true, noDelay: true }, (socket) => void this.#serve(socket))
  }

  async close(graceMs: number): Promise<void> {
    this.listener.close()
    await (await this.#connections?.catch(() => undefined))?.close(graceMs)
  }

  async #serve(socket: Socket): Promise<void> {
    const ignore = () => {}
    socket.on('error', ignore)
    this.#connections ??= this.#load()
    const connections = await this.#connections.catch(() => undefined)
    if (connections === undefined || socket.destroyed) return void socket.destroy()
    socket.off('error', ignore)
    connections.serve(socket)
    // It was taken over paused, and would stay so.
    socket.resume()
  }

  async #load(): Promise<GrpcConnections> {
    try {
      const { createGrpcServer } = await import('./grpc-server.ts')
      return createGrpcServer({ ...this.#start, token: this.#token })
    } catch (thrown) {
      // The next connection tries again.
      this.#connections = undefined
      this.#start.events.unexpectedError(thrown, 'gRPC')
      throw thrown
    }
  }
}

function listening(server: Server, address: { host: string; port: number }, socket: SocketListener): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const { host, port } = address
      const remedy = cause.code === 'EADDRINUSE' ? 'the port is taken.' : `${cause.code ?? cause.message}.`
      const message = `Cannot listen for gRPC on ${host}:${port}: ${remedy} Set service.grpcPort in the configuration to another port.`
      void socket[Symbol.asyncDispose]().then(() => reject(new ServiceError('server_unavailable', message, { cause })))
    })
    server.listen(address, resolve)
  })
}

function addressOf(server: Server): string | undefined {
  if (!server.listening) return undefined
  const { address, family, port } = server.address() as AddressInfo
  return family === 'IPv6' ? `[${address}]:${port}` : `${address}:${port}`
}
