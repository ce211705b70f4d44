import { isDeepStrictEqual } from 'node:util'
import { ServiceError } from '../../shared/errors/service-error.ts'
import { fromFailure } from '../../shared/errors/to-failure.ts'
import type { RecalledMethod } from '../routing/list-methods.ts'
import type { PoolClient, Session } from './client-session.ts'
import { PooledServer, type PoolSurroundings } from './pooled-server.ts'
import { ServerCaller } from './server-caller.ts'
import type { ServerDefinition } from './server-definition.ts'
import type { ServerRow } from './server-row.ts'
import { isAtRest, type ServerStateName, whatComesNext } from './server-state.ts'
import {
  definitionFor,
  type HeldState,
  isSameLaunch,
  type ResolvedSharing,
  resolveSharing,
  shareKeyOf,
} from './sharing.ts'
import { createToolGate, type ToolGate } from './tool-gate.ts'

// From what says most of a server to what says least.
const BY_LIVELINESS: readonly ServerStateName[] = ['ready', 'starting', 'failed', 'backing-off', 'stopping', 'cold']

/** One configured server: the process that all its clients share, or those that some have to themselves. */
export class ServerGroup implements AsyncDisposable {
  /** For calls that come without a session: together they count as one client. */
  readonly caller: ServerCaller
  readonly #surroundings: PoolSurroundings
  readonly #servers = new Map<string, PooledServer>()
  #service: ServerCaller
  #definition: ServerDefinition
  #gate: ToolGate
  #held: HeldState | undefined
  #closedWith: ServiceError | undefined
  #lastClient = 0
  /** What is known of servers that are gone. */
  #past = { calls: 0, restarts: 0, lastUsedAt: 0 }
  #since: number

  constructor(definition: ServerDefinition, surroundings: PoolSurroundings) {
    this.#definition = definition
    this.#surroundings = surroundings
    this.#since = surroundings.clock.now()
    const { name } = definition
    this.#gate = this.#createGate()
    this.caller = new ServerCaller(name, (client) => this.connect(client))
    this.#service = this.#createService()
  }

  /** For what the service asks of its own accord, which counts as no client. */
  get service(): ServerCaller {
    return this.#service
  }

  /** Whether a process of it, or a connection, is ready. */
  get isReady(): boolean {
    return this.#servers.values().some(({ life }) => life.state.name === 'ready')
  }

  /** Throws why a tool must not be called, where it must not. */
  checkTool(tool: string): void {
    const failure = this.#gate.refuse(tool)
    if (failure !== undefined) throw fromFailure(failure)
  }

  /** Opens a client's way to this server. Throws `overloaded` where as many have it open as may, and all are there. */
  connect(client: PoolClient): Session {
    const { name, maxClients } = this.#definition
    if (this.#clients() >= maxClients && !this.#dismissAbsent()) {
      const message = `server "${name}": ${maxClients} clients have it open, as many as may. Close one, or raise its "maxClients".`
      throw new ServiceError('overloaded', message)
    }
    return this.#open(client, this.#serverFor(client))
  }

  /** Starts the process that all share; where clients have their own there is nothing to start before they come. */
  async start(): Promise<void> {
    const sharing = this.#sharing()
    if (sharing !== 'all' && sharing !== 'roots') return
    await this.#serverAt('', this.#definition).life.start()
  }

  /** Stops every process; the next use starts it again. */
  async stop(): Promise<void> {
    const refusal = { code: 'server_unavailable', message: 'it was stopped.' } as const
    await this.#each(({ life }) => life.stop('it was stopped.', refusal))
  }

  /** Stops and starts every process, calls in flight finished; those that come meanwhile wait. */
  async restart(): Promise<void> {
    await this.#each((server) => server.restart())
    await this.start()
  }

  /** Takes on a changed definition. Processes go on where the change does not concern them; resolves when the others are gone. */
  async redefine(definition: ServerDefinition): Promise<void> {
    if (isDeepStrictEqual(definition, this.#definition)) return
    const mayGoOn = isSameLaunch(definition, this.#definition)
    const { transport } = definition
    this.#definition = definition
    this.#gate = this.#createGate()
    if (!mayGoOn) this.#held = undefined
    // What is being asked is asked of the one that goes.
    if (!mayGoOn) this.#service = this.#createService()
    await this.#each(async (server) => {
      const inFolder = server.definition
      const cwd = transport === 'stdio' && definition.cwd === undefined && inFolder.transport === 'stdio'
      const own = cwd && definition.share === 'project' ? { ...definition, cwd: inFolder.cwd } : definition
      if (mayGoOn) server.adopt(own)
      else await server.redefine(own)
    })
  }

  /** Tells every client that the server may list other tools than before, though it did not say so itself. */
  toolsChanged(): void {
    for (const server of this.#servers.values()) server.toolsChanged()
  }

  /** Ends every process for good; sessions are closed with `reason`. */
  async close(reason: ServiceError): Promise<void> {
    this.#closedWith = reason
    await this.#each((server) => server.close(reason))
    this.#servers.clear()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close(new ServiceError('shutting_down', 'The service is shutting down.'))
  }

  /** How many things are held for clients; 0 when none is connected and nothing is in flight. */
  get size(): number {
    return sum([...this.#servers.values()].map(({ size }) => size))
  }

  row(): ServerRow {
    const { clock } = this.#surroundings
    const servers = [...this.#servers.values()].toSorted((a, b) => liveliness(a) - liveliness(b))
    const { state } = servers[0]?.life ?? { state: { name: 'cold', since: this.#since, why: 'it was not used yet.' } }
    const lastUsedAt = Math.max(this.#past.lastUsedAt, ...servers.map(({ life }) => life.lastUsedAt))
    return {
      name: this.#definition.name,
      state: state.name,
      since: state.since,
      why: state.why,
      next: whatComesNext(state, { now: clock.now(), keepAliveMs: this.#definition.keepAliveMs }),
      processId: servers[0]?.life.run?.connection.processId,
      instances: servers.filter(({ life }) => life.run !== undefined).length,
      clients: this.#clients(),
      maxClients: this.#definition.maxClients,
      inFlight: sum(servers.map((server) => server.callsInFlight())),
      calls: this.#past.calls + sum(servers.map(({ calls }) => calls)),
      restarts: this.#past.restarts + sum(servers.map(({ life }) => life.restarts)),
      lastUsedAt: lastUsedAt === 0 ? undefined : lastUsedAt,
      memoryMb: this.#memoryMb(servers),
    }
  }

  #createService(): ServerCaller {
    return new ServerCaller(this.#definition.name, (client) => this.#connectService(client), { isService: true })
  }

  #createGate(): ToolGate {
    return createToolGate(this.#definition, this.#surroundings.knowledge)
  }

  // Clients over HTTP mostly leave without a word; the next one should not have to wait until that is certain.
  #dismissAbsent(): boolean {
    const absent = [...this.#servers.values()].flatMap((server) =>
      server.absentSessions().map(({ session, since }) => ({ server, session, since })),
    )
    const [longest] = absent.toSorted((a, b) => a.since - b.since)
    const message = `server "${this.#definition.name}": another client has come while this one was away.`
    longest?.server.dismiss(longest.session, new ServiceError('overloaded', message))
    return longest !== undefined
  }

  // Where clients have their own processes, the service asks one that is there before it starts another.
  #connectService(service: PoolClient): Session {
    const warm = this.#servers.entries().find(([, { life }]) => life.state.name === 'ready')
    return this.#open(service, warm ?? this.#serverFor(service))
  }

  #open(client: PoolClient, [key, server]: [string, PooledServer]): Session {
    return server.connect(client, () => this.#sessionClosed(key, server))
  }

  #sharing(): ResolvedSharing {
    this.#held ??= this.#surroundings.knowledge.seenToHold(this.#definition)
    return resolveSharing(this.#definition, this.#held)
  }

  #sawHolding(held: HeldState): void {
    if (this.#held === held || this.#held === 'client') return
    this.#held = held
    this.#surroundings.knowledge.sawHolding(this.#definition, held)
  }

  #serverFor(client: PoolClient): [string, PooledServer] {
    const sharing = this.#sharing()
    this.#lastClient++
    const key = this.#keyFor(sharing, client)
    return [key, this.#serverAt(key, definitionFor(this.#definition, sharing, client))]
  }

  // The process for all is that of the project which is there already, or of the first that comes.
  #keyFor(sharing: ResolvedSharing, client: PoolClient): string {
    const key = shareKeyOf(sharing, client, `#${this.#lastClient}`)
    if (sharing !== 'roots' || this.#servers.has(key)) return key
    const project = this.#servers.get('')?.project ?? client.project
    return project === client.project ? '' : key
  }

  #serverAt(key: string, definition: ServerDefinition): PooledServer {
    if (this.#closedWith !== undefined) throw this.#closedWith
    const known = this.#servers.get(key)
    if (known !== undefined) return known
    const server = new PooledServer(definition, this.#surroundings, {
      sawHolding: (held) => this.#sawHolding(held),
      recall: (method) => (key === '' || isForAll(method) ? this.#recall(method) : undefined),
    })
    this.#servers.set(key, server)
    return server
  }

  #recall(method: RecalledMethod): Buffer | undefined {
    return this.#surroundings.knowledge.recall(this.#definition.name, method)
  }

  // A process of somebody's own has no use without them; one that may be come back to is kept while it is warm.
  #sessionClosed(key: string, closed: PooledServer): void {
    const isNobodysAgain = key.startsWith('client #') && closed.clients === 0 && this.#servers.get(key) === closed
    for (const [otherKey, server] of this.#servers) {
      const isForgotten =
        otherKey !== '' && server.clients === 0 && isAtRest(server.life.state, this.#surroundings.clock.now())
      if (isForgotten || (isNobodysAgain && server === closed)) this.#forget(otherKey, server)
    }
  }

  #forget(key: string, server: PooledServer): void {
    this.#servers.delete(key)
    const { calls, life } = server
    this.#past = {
      calls: this.#past.calls + calls,
      restarts: this.#past.restarts + life.restarts,
      lastUsedAt: Math.max(this.#past.lastUsedAt, life.lastUsedAt),
    }
    void server[Symbol.asyncDispose]()
  }

  #clients(): number {
    return sum([...this.#servers.values()].map(({ clients }) => clients))
  }

  #memoryMb(servers: readonly PooledServer[]): number | undefined {
    const connections = servers.flatMap(({ life }) => life.run?.connection ?? [])
    const memories = connections.flatMap((connection) => this.#surroundings.memoryMbOf(connection) ?? [])
    return memories.length === 0 ? undefined : sum(memories)
  }

  async #each(act: (server: PooledServer) => Promise<void>): Promise<void> {
    await Promise.all([...this.#servers.values()].map(act))
  }
}

// What one client's process has in its lists is for no other client; what it can do is the same everywhere.
function isForAll(method: RecalledMethod): boolean {
  return method === 'initialize' || method === 'tools/list'
}

function liveliness({ life }: PooledServer): number {
  return BY_LIVELINESS.indexOf(life.state.name)
}

function sum(amounts: readonly number[]): number {
  return amounts.reduce((total, amount) => total + amount, 0)
}
