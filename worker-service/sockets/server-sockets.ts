import type { Socket } from 'node:net'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ServiceError } from '../../shared/errors/service-error.ts'
import { whileLocked } from '../../shared/files/kernel-lock.ts'
import { ensurePrivateFolder } from '../../shared/files/private-folder.ts'
import { allServersSocketPath, serverSocketFolder, serverSocketPath } from '../../shared/server-socket.ts'
import type { AllServers, ServerControl } from '../control/worker-control.ts'
import type { WorkerUse } from '../control/worker-use.ts'
import type { PoolClient } from '../server-pool/client-session.ts'
import { listenOnSocket, removeDeadSockets, type SocketListener } from './listen-on-socket.ts'
import { SocketClient, type SocketClientObserver, type SocketClientOptions } from './socket-client.ts'

export interface ServerSocketsOptions {
  readonly runtimeFolder: string
  readonly servers: Pick<ServerControl, 'connect' | 'maxMessageBytes'>
  readonly allServers: AllServers
  readonly observer: ServerSocketsObserver
  /** Is told of connections that begin and end. */
  readonly use?: Pick<WorkerUse, 'begin' | 'end'>
}

/** Is told what becomes of sockets and of the clients on them. */
export interface ServerSocketsObserver extends SocketClientObserver {
  /** There is no socket for a server, and why; the others have theirs. It is tried again when servers change. */
  socketMissing(server: string, why: ServiceError): void
}

/** Stands for a server's name where clients of all are told of. */
const ALL_SERVERS = 'pilotlight'
const LOCK_PATIENCE_MS = 5_000
const CLOSE_POLL_MS = 10
const NEVER = new AbortController().signal

/** A Unix socket for each server, on which clients speak as if they had started it, and one for all: newline-delimited JSON-RPC. */
export class ServerSockets implements AsyncDisposable {
  readonly #options: ServerSocketsOptions
  readonly #listeners = new Map<string, SocketListener>()
  readonly #clients = new Set<SocketClient>()
  #all: SocketListener | undefined

  constructor(options: ServerSocketsOptions) {
    this.#options = options
  }

  /** How many connections are open. */
  get connections(): number {
    return this.#clients.size
  }

  /** Has a socket for each of these servers and for no other, and one for all. Rejects with `server_unavailable` where that one cannot be had. */
  async serve(servers: readonly string[]): Promise<void> {
    this.#all ??= await this.#listenForAll()
    const wanted = new Set(servers)
    const unwanted = [...this.#listeners.keys()].filter((server) => !wanted.has(server))
    await Promise.all(unwanted.map((server) => this.#stopListening(server)))
    const added = servers.filter((server) => !this.#listeners.has(server))
    if (added.length === 0) return
    const folder = serverSocketFolder(this.#options.runtimeFolder)
    ensurePrivateFolder(folder)
    const lock = { path: join(folder, '.lock'), byte: 0, patienceMs: LOCK_PATIENCE_MS }
    await whileLocked(lock, () => this.#listenInstead(folder, added), NEVER)
  }

  /** Takes no more connections; those that are open go on. */
  async stopListening(): Promise<void> {
    const all = this.#all
    this.#all = undefined
    await Promise.all([
      all?.[Symbol.asyncDispose](),
      ...[...this.#listeners.keys()].map((server) => this.#stopListening(server)),
    ])
  }

  /** Closes what is still open `graceMs` from now; the pool ends most of them before. */
  async close(graceMs: number): Promise<void> {
    await this.stopListening()
    for (const client of this.#clients) client.endIfSilent()
    for (let waitedMs = 0; this.#clients.size > 0 && waitedMs < graceMs; waitedMs += CLOSE_POLL_MS) {
      await sleep(CLOSE_POLL_MS)
    }
    for (const client of this.#clients) client.destroy()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close(0)
  }

  // Before the first of ours only a worker that was killed can have left something.
  async #listenInstead(folder: string, added: readonly string[]): Promise<void> {
    if (this.#listeners.size === 0) await removeDeadSockets(folder)
    for (const server of added) await this.#listenFor(server)
  }

  async #listenFor(server: string): Promise<void> {
    try {
      this.#listeners.set(server, await this.#listen(server))
    } catch (thrown) {
      this.#options.observer.socketMissing(server, ServiceError.from(thrown))
    }
  }

  #listen(server: string): Promise<SocketListener> {
    const { runtimeFolder, servers } = this.#options
    return listenOnSocket(serverSocketPath(runtimeFolder, server), (socket) => {
      const open = (client: PoolClient) => servers.connect(server, client)
      this.#accept(socket, { server, maxMessageBytes: servers.maxMessageBytes(server), open })
    })
  }

  async #listenForAll(): Promise<SocketListener> {
    const { runtimeFolder, allServers } = this.#options
    const path = allServersSocketPath(runtimeFolder)
    ensurePrivateFolder(dirname(path))
    await removeDeadSockets(dirname(path))
    return listenOnSocket(path, (socket) => {
      const open = (client: PoolClient) => allServers.connect(client)
      this.#accept(socket, { server: ALL_SERVERS, maxMessageBytes: allServers.maxMessageBytes(), open })
    })
  }

  #accept(socket: Socket, way: Omit<SocketClientOptions, 'observer'>): void {
    const client = new SocketClient(socket, { ...way, observer: this.#options.observer })
    this.#clients.add(client)
    const { use } = this.#options
    use?.begin()
    socket.once('close', () => {
      this.#clients.delete(client)
      use?.end()
    })
  }

  async #stopListening(server: string): Promise<void> {
    const listener = this.#listeners.get(server)
    this.#listeners.delete(server)
    await listener?.[Symbol.asyncDispose]()
  }
}
