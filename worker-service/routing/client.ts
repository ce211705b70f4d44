import type { ListMethod } from '../../shared/contracts/list-methods.ts'
import type { Failure } from '../../shared/errors/json-rpc-error.ts'
import type { Token } from '../../shared/frames/frame-scan.ts'
import type { LogLevel } from './log-levels.ts'

/** What a client can be asked, from the capabilities of its initialize request. */
export interface Abilities {
  readonly roots: boolean
  readonly sampling: boolean
  readonly samplingWithTools: boolean
  readonly elicitationByForm: boolean
  readonly elicitationByUrl: boolean
}

/** Nothing can be asked of a client that has not said what. */
export const NO_ABILITIES: Abilities = {
  roots: false,
  sampling: false,
  samplingWithTools: false,
  elicitationByForm: false,
  elicitationByUrl: false,
}

/**
 * How far a client's handshake is:
 *
 *     new ──initialize──▶ waiting ──server ready──▶ answered ──notifications/initialized──▶ initialized
 *      ▲                     │
 *      └──server refused─────┘        (a server that is known already answers at once: new ─▶ answered)
 */
export type ClientPhase =
  /** `refusedFor`: why the server could not be had for its initialize. */
  | { readonly name: 'new'; readonly refusedFor?: Failure }
  /** `confirmed`: it sent notifications/initialized without waiting for the answer. */
  | { readonly name: 'waiting'; readonly id: Token; readonly offeredVersion: string; readonly confirmed: boolean }
  | { readonly name: 'answered' }
  | { readonly name: 'initialized' }

/** A client's request in flight. Of one that waits the server has seen nothing. */
export interface ClientCall {
  readonly kind: 'client'
  /** Its id at the server; never given twice. */
  readonly requestId: number
  readonly method: string
  readonly client: Client
  /** Its id at the client. */
  readonly id: Token
  readonly progressToken: Token | undefined
  /** The resource, where the request names one. */
  readonly uri: string | undefined
  /** The list of which it asks for the first page, where it does. */
  readonly list: ListMethod | undefined
  /** Whether it is to be carried out as a task. */
  readonly asTask: boolean
  state: 'waiting' | 'sent'
}

/** One client of the server. */
export interface Client {
  readonly id: string
  /** Whether it is the service itself, of whom servers learn nothing and whom they do not ask. */
  readonly isService: boolean
  /** Its requests in flight, by its own ids. */
  readonly calls: Map<string | number, ClientCall>
  /** The lists that it holds, by their versions, and was not told to renew. */
  readonly held: Map<ListMethod, number>
  phase: ClientPhase
  abilities: Abilities
  /** What it asked for with logging/setLevel. */
  logLevel: LogLevel | undefined
}
