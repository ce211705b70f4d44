import type { ServerStateName } from './server-state.ts'

/** What is told of one configured server. Times are milliseconds since the epoch. */
export interface ServerRow {
  readonly name: string
  readonly state: ServerStateName
  readonly since: number
  /** Why it is in this state, and what comes next: sentences for people. */
  readonly why: string
  readonly next: string
  /** The process of its oldest instance that runs. */
  readonly processId: number | undefined
  /** How many processes or connections of it there are: more than one where clients have their own. */
  readonly instances: number
  readonly clients: number
  readonly maxClients: number
  readonly inFlight: number
  /** How many tool calls there have been. */
  readonly calls: number
  readonly restarts: number
  /** Undefined where it was never used. */
  readonly lastUsedAt: number | undefined
  /** The resident memory of all its processes; undefined where it cannot be told. */
  readonly memoryMb: number | undefined
}
