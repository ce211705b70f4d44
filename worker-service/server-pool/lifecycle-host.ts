import type { Failure, RequestFailure } from '../../shared/errors/json-rpc-error.ts'
import type { AnsweredRequestId } from '../routing/failed-calls.ts'
import type { Clock } from './clock.ts'
import type { Connection, Connector } from './connectors/connector.ts'
import type { PoolObserver } from './pool-observer.ts'
import type { Room } from './room.ts'

/** What the servers of a pool live by. */
export interface LifeSurroundings {
  readonly connect: Connector
  readonly room: Room
  readonly clock: Clock
  /** A number from 0 to below 1. */
  readonly random: () => number
  readonly observer: PoolObserver
  /** The resident memory of what is behind a connection in MB; undefined where it cannot be told. */
  readonly memoryMbOf: (connection: Connection) => number | undefined
}

/** Whom a server lives for: the one who routes its frames. */
export interface LifecycleHost {
  /** How many calls of clients are in flight, waiting ones included. */
  callsInFlight(): number
  /** A connection is there; the handshake is to begin. */
  connected(): void
  /** The server is gone, or could not be reached: what is in flight has ended. */
  lost(loss: Failure): void
  /** What was held back while the server finished its calls may go on. */
  released(): void
  ping(): void
  frame(bytes: Buffer, relatedTo: number | undefined): void
  frameTooLarge(answered: AnsweredRequestId): void
  requestFailed(requestId: number, failure: RequestFailure): void
  sessionRenewed(): void
}
