import type { Failure, RequestFailure } from '../../shared/errors/json-rpc-error.ts'
import { ServiceError } from '../../shared/errors/service-error.ts'
import { fromFailure, toFailure } from '../../shared/errors/to-failure.ts'
import { NO_TIMER } from './clock.ts'
import type { ConnectionEnd } from './connectors/connector.ts'
import { describeEnd } from './describe-end.ts'
import type { LifecycleHost, LifeSurroundings } from './lifecycle-host.ts'
import { ReadyWatch, type WatchedServer } from './ready-watch.ts'
import { createRestartPolicy, type RestartPolicy, refusalUntilDue, unusedWhenDue } from './restart-policy.ts'
import type { Occupant } from './room.ts'
import type { ServerDefinition } from './server-definition.ts'
import { ServerRun } from './server-run.ts'
import { drainMsOf, type Fallen, type Ready, type ServerState, type Starting, type Stopping } from './server-state.ts'

/** A restart that is due so soon is waited for instead of refused. */
const PATIENCE_MS = 500
/** A little shorter than the calls that wait for it live, so that they are told why. */
const ROOM_WAIT_SHARE = 0.9

/** Starts, watches and ends one server as it is needed: the transitions of {@link ServerState}. */
export class ServerLifecycle implements Occupant {
  readonly #surroundings: LifeSurroundings
  readonly #host: LifecycleHost
  #definition: ServerDefinition
  #policy: RestartPolicy
  #state: ServerState
  #lastUsedAt = 0
  #restarts = 0
  /** Why it is over for good, once it is. */
  #closedWith: Failure | undefined
  /** Settles when what ran before is gone, and its place free. */
  #gone: Promise<void> = Promise.resolve()

  constructor(definition: ServerDefinition, surroundings: LifeSurroundings, host: LifecycleHost) {
    this.#surroundings = surroundings
    this.#host = host
    this.#definition = definition
    this.#policy = createRestartPolicy(definition.restart, surroundings.random)
    this.#state = { name: 'cold', since: this.#now(), why: 'it was not used yet.' }
  }

  get name(): string {
    return this.#definition.name
  }

  get state(): ServerState {
    return this.#state
  }

  /** When it was used last, by whoever called it or had it started; 0 where it never was. */
  get lastUsedAt(): number {
    return this.#lastUsedAt
  }

  /** How often it was started again after it had run and crashed; another attempt at a start that failed is no restart. */
  get restarts(): number {
    return this.#restarts
  }

  /** The connection that there is, from the handshake to the end of the last call. */
  get run(): ServerRun | undefined {
    return 'run' in this.#state ? this.#state.run : undefined
  }

  /** Whether it finishes its last calls, so that no new ones may begin. */
  get isDraining(): boolean {
    return this.#state.name === 'stopping' && this.#state.run !== undefined
  }

  /** A call has begun or ended, at this time of the clock. */
  used(at: number): void {
    this.#lastUsedAt = at
  }

  /** The last call in flight has ended. */
  becameIdle(): void {
    const state = this.#state
    if (state.name === 'stopping' && state.run !== undefined) return this.#endRun(state)
    if (state.name !== 'ready') return
    state.watch.becameIdle()
    this.#surroundings.room.becameIdle()
  }

  /** A call waits for a server: starts it, lets the call wait, or ends it with why it cannot be had now. */
  need(): void {
    const state = this.#state
    if (this.#closedWith !== undefined) return this.#host.lost(this.#closedWith)
    switch (state.name) {
      case 'cold':
        return void this.#start('it is needed.')
      case 'starting':
      case 'ready':
        return
      case 'stopping':
        if (state.refusal === undefined) state.isWanted = true
        else this.#host.lost(state.refusal)
        return
      case 'backing-off':
      case 'failed':
        return this.#needFallen(state)
    }
  }

  /** Starts the server, joins its start, or does nothing where it runs. Rejects with why it could not. */
  async start(why = 'it was asked for.'): Promise<void> {
    const state = this.#state
    if (this.#closedWith !== undefined) throw fromFailure(this.#closedWith)
    switch (state.name) {
      case 'ready':
        return
      case 'starting':
        return state.settled.promise
      case 'stopping':
        state.refusal = undefined
        await state.stopped.promise
        return this.start(why)
      case 'backing-off':
      case 'failed':
      case 'cold':
        if (state.name !== 'cold') state.timer[Symbol.dispose]()
        this.#policy.reset()
        this.used(this.#now())
        return this.#start(why).settled.promise
    }
  }

  /**
   * Finishes the calls in flight, within limits, and ends the server; new calls meanwhile wait for the next start, or are ended with
   * `refusal`. Resolves when nothing of it is left.
   */
  async stop(why: string, refusal?: Failure): Promise<void> {
    const state = this.#state
    switch (state.name) {
      case 'cold':
        return this.#gone
      case 'backing-off':
      case 'failed':
        state.timer[Symbol.dispose]()
        this.#becomeCold(why)
        if (refusal !== undefined) this.#host.lost(refusal)
        else if (state.isWanted) this.#start(why)
        return this.#gone
      case 'stopping':
        state.refusal ??= refusal
        if (state.refusal !== undefined && state.isWanted) this.#host.lost(state.refusal)
        state.isWanted &&= state.refusal === undefined
        return state.stopped.promise
      case 'starting':
      case 'ready':
        return this.#stop(state, why, refusal)
    }
  }

  /** Stops it for good: everything that needs it from now on ends with `refusal`. */
  async close(refusal: Failure): Promise<void> {
    this.#closedWith = refusal
    await this.stop(refusal.message, refusal)
  }

  /** Takes on settings of the same server; what runs goes on. */
  adopt(definition: ServerDefinition): void {
    this.#definition = definition
    this.#policy = createRestartPolicy(definition.restart, this.#surroundings.random)
    if (this.#state.name !== 'ready') return
    this.#state.watch[Symbol.dispose]()
    this.#state.watch = this.#watch(this.#state.run)
  }

  /** The server has answered initialize with this result, JSON text. */
  becomeReady(greeting: Buffer): void {
    const starting = this.#state
    if (starting.name !== 'starting' || starting.run === undefined) return
    starting.timer[Symbol.dispose]()
    const since = this.#now()
    this.#state = { name: 'ready', since, why: starting.why, run: starting.run, watch: this.#watch(starting.run) }
    this.#surroundings.observer.serverReady(this.name, { tookMs: since - starting.since, greeting })
    starting.settled.resolve()
  }

  /** The handshake with the server did not end well. */
  handshakeFailed(loss: Failure): void {
    if (this.#state.name === 'starting') this.#fall(this.#state, fromFailure(loss))
  }

  /** When the server was used last, where it is ready and idle. */
  idleSince(): number | undefined {
    return this.#state.name === 'ready' && this.#host.callsInFlight() === 0 ? this.#lastUsedAt : undefined
  }

  makeRoom(): void {
    void this.stop('another server needed its place.')
  }

  #now(): number {
    return this.#surroundings.clock.now()
  }

  #needFallen(fallen: Fallen): void {
    const waitMs = fallen.retryAt - this.#now()
    if (waitMs <= 0) return this.#startAgain(fallen)
    if (fallen.name === 'backing-off' && waitMs <= PATIENCE_MS) fallen.isWanted = true
    else this.#host.lost(refusalUntilDue(this.name, fallen, this.#now()))
  }

  #start(why: string): Starting {
    const starting: Starting = {
      name: 'starting',
      since: this.#now(),
      why,
      abort: new AbortController(),
      settled: Promise.withResolvers(),
      opening: Promise.resolve(),
      timer: NO_TIMER,
      run: undefined,
    }
    this.#state = starting
    // The calls that wait are told by the host; nobody else need be waiting.
    starting.settled.promise.catch(() => {})
    this.#surroundings.observer.serverStarting(this.name, why)
    starting.opening = this.#open(starting)
    return starting
  }

  async #open(starting: Starting): Promise<void> {
    const { connect, clock } = this.#surroundings
    try {
      if (!(await this.#enterRoom(starting))) return
      starting.timer = clock.setTimeout(() => this.#startTimedOut(starting), this.#definition.startTimeoutMs)
      const connection = await connect(this.#definition, starting.abort.signal)
      if (this.#state !== starting) return await connection[Symbol.asyncDispose]()
      starting.run = new ServerRun(connection, {
        frame: (bytes, relatedTo) => this.#frame(bytes, relatedTo),
        frameTooLarge: (answered) => this.#host.frameTooLarge(answered),
        requestFailed: (requestId, failure) => this.#requestFailed(requestId, failure),
        sessionRenewed: () => this.#host.sessionRenewed(),
        ended: (end) => this.#ended(end),
      })
      starting.run.listen()
      this.#host.connected()
    } catch (thrown) {
      if (this.#state === starting) this.#fall(starting, ServiceError.from(thrown))
    }
  }

  /** Returns false where that ended the start. */
  async #enterRoom(starting: Starting): Promise<boolean> {
    await this.#gone
    try {
      const waitMs = this.#definition.callTimeoutMs * ROOM_WAIT_SHARE
      await this.#surroundings.room.enter(this, waitMs, starting.abort.signal)
    } catch (thrown) {
      if (this.#state !== starting) return false
      // No fault of the server's: its next use tries again.
      const error = ServiceError.from(thrown)
      this.#becomeCold(error.message)
      starting.settled.reject(error)
      this.#host.lost(toFailure(error))
    }
    return this.#state === starting
  }

  #startTimedOut(starting: Starting): void {
    const limit = `it did not start within ${this.#definition.startTimeoutMs} ms`
    const remedy = `Raise its "startTimeoutMs" if it needs longer.${starting.run?.quoteLastWords() ?? ''}`
    this.#fall(starting, new ServiceError('timeout', `server "${this.name}": ${limit}. ${remedy}`))
  }

  #watch({ connection }: ServerRun): ReadyWatch {
    const { clock, memoryMbOf } = this.#surroundings
    const server: WatchedServer = {
      isBusy: () => this.#host.callsInFlight() > 0,
      // One that was started and not used is unused since then.
      lastUsedAt: () => Math.max(this.#lastUsedAt, this.#state.since),
      ping: () => this.#host.ping(),
      memoryMb: () => memoryMbOf(connection),
      died: () => this.#missedPings(),
      mayStop: (why) => void this.stop(why),
    }
    return new ReadyWatch(server, this.#definition, clock)
  }

  #missedPings(): void {
    const message = `server "${this.name}": it did not answer two pings.`
    if (this.#state.name === 'ready') this.#fall(this.#state, new ServiceError('connection_closed', message))
  }

  #frame(bytes: Buffer, relatedTo: number | undefined): void {
    if (this.#state.name === 'ready') this.#state.watch.heard()
    this.#host.frame(bytes, relatedTo)
  }

  // While it starts nothing is asked but initialize.
  #requestFailed(requestId: number, failure: RequestFailure): void {
    if (this.#state.name === 'starting') this.#fall(this.#state, fromFailure(failure))
    else this.#host.requestFailed(requestId, failure)
  }

  #ended(end: ConnectionEnd): void {
    const state = this.#state
    if (state.name === 'stopping') return this.#endRun(state)
    if (state.name !== 'starting' && state.name !== 'ready') return
    const message = `${describeEnd(this.name, end)}${state.run?.quoteLastWords() ?? ''}`
    this.#fall(state, new ServiceError(state.name === 'ready' ? 'connection_closed' : 'server_unavailable', message))
  }

  #fall(state: Starting | Ready, error: ServiceError): void {
    const now = this.#now()
    const { kind, delayMs } = this.#policy.crashed(now, state.name === 'ready' ? state.since : undefined)
    const reason = new ServiceError(error.code, error.message, { cause: error, retryAfterMs: delayMs })
    const fallen: Fallen = {
      name: kind === 'rest' ? 'failed' : 'backing-off',
      since: now,
      why: error.message,
      retryAt: now + delayMs,
      timer: this.#surroundings.clock.setTimeout(() => this.#retryDue(fallen), delayMs),
      isWanted: false,
      hadStarted: state.name === 'ready',
    }
    this.#state = fallen
    this.#leave(state)
    const isFailed = fallen.name === 'failed'
    this.#surroundings.observer.serverFell(this.name, { why: error.message, retryAfterMs: delayMs, isFailed })
    if (state.name === 'starting') state.settled.reject(reason)
    this.#host.lost(toFailure(reason))
  }

  #retryDue(fallen: Fallen): void {
    if (this.#state !== fallen) return
    const wasUsed = this.#now() - this.#lastUsedAt < this.#definition.keepAliveMs
    if (fallen.isWanted || wasUsed) this.#startAgain(fallen)
    else this.#state = unusedWhenDue(fallen, this.#now())
  }

  #startAgain(fallen: Fallen): void {
    fallen.timer[Symbol.dispose]()
    if (fallen.hadStarted) this.#restarts++
    this.#start('it was started again after it fell.')
  }

  #becomeCold(why: string): void {
    this.#state = { name: 'cold', since: this.#now(), why }
  }

  /** Lets go of what ran, and of the place it had once it is gone. */
  #leave(state: Starting | Ready | Stopping): void {
    if (state.name === 'starting') {
      state.timer[Symbol.dispose]()
      state.abort.abort()
    }
    if (state.name === 'ready') state.watch[Symbol.dispose]()
    const opening = state.name === 'starting' ? state.opening : undefined
    const ending = state.run?.[Symbol.asyncDispose]()
    this.#gone = Promise.all([this.#gone, opening, ending]).then(() => this.#surroundings.room.leave(this))
  }

  #stop(state: Starting | Ready, why: string, refusal?: Failure): Promise<void> {
    const stopping: Stopping = {
      name: 'stopping',
      since: this.#now(),
      why,
      stopped: Promise.withResolvers(),
      refusal,
      drainTimer: NO_TIMER,
      run: state.run,
      isWanted: false,
    }
    this.#state = stopping
    if (state.name === 'starting') {
      this.#leave(state)
      state.settled.reject(new ServiceError('server_unavailable', `server "${this.name}": ${why}`))
      this.#endRun(stopping)
    } else this.#drain(stopping, state)
    return stopping.stopped.promise
  }

  #drain(stopping: Stopping, ready: Ready): void {
    ready.watch[Symbol.dispose]()
    if (this.#host.callsInFlight() === 0) return this.#endRun(stopping)
    stopping.drainTimer = this.#surroundings.clock.setTimeout(() => this.#endRun(stopping), drainMsOf(stopping))
  }

  #endRun(stopping: Stopping): void {
    stopping.drainTimer[Symbol.dispose]()
    this.#leave(stopping)
    stopping.run = undefined
    const { code, message } = stopping.refusal ?? { code: 'connection_closed', message: stopping.why }
    this.#host.lost({ code, message: `server "${this.name}": ${message}` })
    this.#host.released()
    void this.#gone.then(() => this.#stopped(stopping))
  }

  #stopped(stopping: Stopping): void {
    if (this.#state !== stopping) return
    this.#becomeCold(stopping.why)
    this.#surroundings.observer.serverStopped(this.name, stopping.why)
    stopping.stopped.resolve()
    if (stopping.isWanted) this.#start('it is needed again.')
  }
}
