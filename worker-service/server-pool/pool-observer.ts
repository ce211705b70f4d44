import type { DropReason, RequestOutcome, ServerList } from '../routing/outbox.ts'

/** A call that a client made and that has ended, however it did. */
export interface FinishedCall {
  readonly server: string
  readonly method: string
  /** The tool or prompt, where there is one. */
  readonly name: string | undefined
  readonly outcome: RequestOutcome
  readonly durationMs: number
}

/** Is told what happens in a pool, as it happens. Must neither throw nor take long: it is called between frames. */
export interface PoolObserver {
  serverStarting(server: string, why: string): void
  /** `greeting` is the server's result of initialize, JSON text. */
  serverReady(server: string, details: { tookMs: number; greeting: Buffer }): void
  /** It crashed or did not start; it is tried again after `retryAfterMs`. */
  serverFell(server: string, details: { why: string; retryAfterMs: number; isFailed: boolean }): void
  serverStopped(server: string, why: string): void
  callFinished(call: FinishedCall): void
  frameDropped(server: string, details: { from: 'client' | 'server'; reason: DropReason }): void
  /** A list of the server is another now. May come at any rate that the server likes. */
  listChanged(server: string, list: ServerList): void
  /** The server asked something and nobody can tell which client it is for; where it was `serialised`, they take turns from here on. */
  questionUnattributed(server: string): void
  serverSerialised(server: string): void
  clientCutOff(server: string, why: string): void
}

/** An observer for a pool that nobody watches. */
export const SILENT_POOL_OBSERVER: PoolObserver = {
  serverStarting() {},
  serverReady() {},
  serverFell() {},
  serverStopped() {},
  callFinished() {},
  frameDropped() {},
  listChanged() {},
  questionUnattributed() {},
  serverSerialised() {},
  clientCutOff() {},
}
