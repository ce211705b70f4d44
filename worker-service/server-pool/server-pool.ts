import type { ToolCall } from '../../shared/contracts/tool-call.ts'
import { ServiceError } from '../../shared/errors/service-error.ts'
import type { PoolClient, Session } from './client-session.ts'
import type { PoolSurroundings } from './pooled-server.ts'
import { Room } from './room.ts'
import type { ServerRequest } from './server-caller.ts'
import { DEFAULT_POOL_LIMITS, type PoolLimits, type ServerDefinition } from './server-definition.ts'
import { ServerGroup } from './server-group.ts'
import type { ServerRow } from './server-row.ts'

/** What a pool keeps: servers, and those that it only knows by name. */
export interface PoolConfiguration {
  readonly servers: readonly ServerDefinition[]
  /** Servers that cannot be used for now, and what to do about it. */
  readonly unusable: ReadonlyArray<{ readonly name: string; readonly reason: string }>
  /** The names of servers that are switched off. */
  readonly disabled: readonly string[]
  readonly limits: PoolLimits
}

/** What a pool is given. */
export type ServerPoolOptions = Omit<PoolSurroundings, 'room'>

/** A tool call without a session. */
export interface PoolCall extends ToolCall {
  /** Is told the params of each progress notification. */
  readonly progressed?: (params: unknown) => void
}

/** Keeps one warm process, or remote connection, per server and lets many clients share it. It is empty until it is configured. */
export class ServerPool implements AsyncDisposable {
  readonly #surroundings: PoolSurroundings
  readonly #groups = new Map<string, ServerGroup>()
  #disabled = new Map<string, { why: string; since: number }>()
  #isShuttingDown = false

  constructor(options: ServerPoolOptions) {
    this.#surroundings = { ...options, room: new Room(DEFAULT_POOL_LIMITS.maxSize, options.clock) }
  }

  /**
   * Takes on a configuration by its difference to the last: unchanged servers keep their process and their calls, changed ones finish
   * their calls first, removed ones too and are then closed to their clients. Resolves when what had to go is gone.
   */
  async apply({ servers, unusable, disabled, limits }: PoolConfiguration): Promise<void> {
    this.#surroundings.room.resize(limits.maxSize)
    this.#disabled = this.#namesOf([
      ...disabled.map((name) => ({ name, reason: 'it is switched off in the configuration.' })),
      ...unusable,
    ])
    const names = new Set(servers.map(({ name }) => name))
    const removed = [...this.#groups.keys()].filter((name) => !names.has(name))
    await Promise.all([
      ...removed.map((name) => this.#remove(name)),
      ...servers.map((definition) => this.#define(definition)),
    ])
  }

  /** Opens a client's way to a server, which is started by the first call. Throws `unknown_server`, `server_unavailable` or `overloaded`. */
  connect(server: string, client: PoolClient): Session {
    return this.#group(server).connect(client)
  }

  /**
   * Calls a tool once and resolves with the server's result object, JSON text as it came. Rejects as {@link request} does, and with
   * `unknown_tool` or `tool_withheld` where the tool must not be called, which starts nothing.
   */
  async call(server: string, call: PoolCall, signal: AbortSignal): Promise<Buffer> {
    const { tool, ...rest } = call
    this.#group(server).checkTool(tool)
    return this.request(server, { method: 'tools/call', params: { name: tool }, ...rest }, signal)
  }

  /**
   * Asks a server and resolves with its result, JSON text as it came. Rejects with `RefusedRequest` where the server answers with an
   * error, with a ServiceError, or with the signal's reason; the server is told then.
   */
  async request(server: string, request: ServerRequest, signal: AbortSignal): Promise<Buffer> {
    return this.#group(server).caller.request(request, signal)
  }

  /** As {@link request}, of the service's own accord: it counts as no client and as no use. */
  async ask(server: string, request: ServerRequest, signal: AbortSignal): Promise<Buffer> {
    return this.#group(server).service.request(request, signal)
  }

  /** Whether it ends, so that everything is refused. */
  get isShuttingDown(): boolean {
    return this.#isShuttingDown
  }

  /** What a server said of itself: its result of initialize, JSON text as it came. One that was never met is started. Rejects as {@link ask} does. */
  async greet(server: string, signal: AbortSignal): Promise<Buffer> {
    return this.#group(server).service.greet(signal)
  }

  /** Whether a process of a server, or a connection to it, is ready, so that asking it starts none. */
  isReady(server: string): boolean {
    return this.#groups.get(server)?.isReady ?? false
  }

  /** Starts a server, or joins its start. Resolves with its row; rejects with why it could not. */
  async start(server: string): Promise<ServerRow> {
    await this.#group(server).start()
    return this.row(server)
  }

  /** Stops a server once its calls are finished; its next use starts it again. */
  async stop(server: string): Promise<ServerRow> {
    await this.#group(server).stop()
    return this.row(server)
  }

  /** Stops a server once its calls are finished and starts it; calls that come meanwhile wait. */
  async restart(server: string): Promise<ServerRow> {
    await this.#group(server).restart()
    return this.row(server)
  }

  /** Tells every client of a server that it may list other tools than before, though it did not say so itself. */
  toolsChanged(server: string): void {
    this.#groups.get(server)?.toolsChanged()
  }

  /** How many things are held for clients; 0 when none is connected and nothing is in flight. */
  get size(): number {
    return [...this.#groups.values()].reduce((total, { size }) => total + size, 0)
  }

  /** Every configured server, by name. */
  rows(): ServerRow[] {
    const names = [...this.#groups.keys(), ...this.#disabled.keys()]
    return names.toSorted().map((name) => this.row(name))
  }

  /** One configured server. Throws `unknown_server`. */
  row(server: string): ServerRow {
    const disabled = this.#disabled.get(server)
    return disabled === undefined ? this.#group(server).row() : disabledRow(server, disabled)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isShuttingDown = true
    await Promise.all([...this.#groups.values()].map((group) => group[Symbol.asyncDispose]()))
    this.#groups.clear()
  }

  #group(server: string): ServerGroup {
    if (this.#isShuttingDown) throw new ServiceError('shutting_down', 'The service is shutting down.')
    const group = this.#groups.get(server)
    if (group !== undefined) return group
    const disabled = this.#disabled.get(server)
    if (disabled !== undefined) throw new ServiceError('server_unavailable', `server "${server}": ${disabled.why}`)
    const known = [...this.#groups.keys()].toSorted().join(', ')
    const remedy = known === '' ? 'None is configured.' : `There are: ${known}.`
    throw new ServiceError('unknown_server', `There is no server ${JSON.stringify(server)}. ${remedy}`)
  }

  async #define(definition: ServerDefinition): Promise<void> {
    const known = this.#groups.get(definition.name)
    const group = known ?? new ServerGroup(definition, this.#surroundings)
    this.#groups.set(definition.name, group)
    await known?.redefine(definition)
    // Why it does not start stands in its row.
    if (definition.autoStart) void group.start().catch(() => {})
  }

  async #remove(name: string): Promise<void> {
    const group = this.#groups.get(name)
    this.#groups.delete(name)
    await group?.close(new ServiceError('unknown_server', `server "${name}": it is no longer in the configuration.`))
  }

  #namesOf(servers: PoolConfiguration['unusable']): Map<string, { why: string; since: number }> {
    const now = this.#surroundings.clock.now()
    const entries = servers.map(({ name, reason }) => {
      const since = this.#disabled.get(name)?.since ?? now
      return [name, { why: reason, since }] as const
    })
    return new Map(entries)
  }
}

function disabledRow(name: string, { why, since }: { why: string; since: number }): ServerRow {
  return {
    name,
    state: 'disabled',
    since,
    why,
    next: 'Nothing until the configuration changes.',
    processId: undefined,
    instances: 0,
    clients: 0,
    maxClients: 0,
    inFlight: 0,
    calls: 0,
    restarts: 0,
    lastUsedAt: undefined,
    memoryMb: undefined,
  }
}
