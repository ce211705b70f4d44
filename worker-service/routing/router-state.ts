import type { ListMethod } from '../../shared/contracts/list-methods.ts'
import type { Failure } from '../../shared/errors/json-rpc-error.ts'
import type { RequestFrame, Token } from '../../shared/frames/frame-scan.ts'
import { CallTable } from './call-table.ts'
import type { Client, ClientCall } from './client.ts'
import type { RecalledMethod } from './list-methods.ts'
import type { LogLevel } from './log-levels.ts'
import { Outbox } from './outbox.ts'
import type { ServerGreeting } from './server-greeting.ts'
import { Subscriptions } from './subscriptions.ts'
import { Tasks } from './tasks.ts'
import type { ToolCheck, ToolInspector } from './tool-check.ts'

/** What a router is told once. */
export interface RouterOptions {
  /** The server's name, for error messages and their data. */
  readonly server: string
  /** Who we are to the server. */
  readonly clientInfo: { readonly name: string; readonly version: string }
  /** How many requests one client may have in flight, and how many questions of the server may wait for its answer. */
  readonly maxInFlightPerClient: number
  /** Why a tool must not be called, where it must not. */
  readonly refuseTool?: (toolName: string) => Failure | undefined
  /** Looks at the tools of the server before they are called, where that is needed. */
  readonly inspector?: ToolInspector
  /** Whether clients take turns with a server that is connected: it is known to ask questions of which it cannot be told whom they are for. */
  readonly takesTurns?: () => boolean
  /** What the server once answered to a method without params and would again, JSON text of the result; undefined where it must be asked. */
  readonly recall?: (method: RecalledMethod) => Buffer | undefined
}

/**
 * The server's connection:
 *
 *     absent ──somebody needs it──▶ wanted ──serverOpened──▶ initializing ──its answer──▶ ready
 *        ▲────────────────────────────┴──serverClosed, or a refused initialize──┴───────────┘
 */
export type ServerState =
  | { readonly name: 'absent' }
  | { readonly name: 'wanted' }
  | { readonly name: 'initializing' }
  /** `announced`: notifications/initialized was sent. */
  | { readonly name: 'ready'; readonly announced: boolean }

/** Something the server asked of a client. */
export interface Question {
  /** Its id at the client; never given twice, whatever ids a server that starts anew gives again. */
  readonly questionId: number
  readonly client: Client
  readonly serverId: Token
  readonly progressToken: Token | undefined
  /** The calls of the client that were at the server when it asked. */
  readonly during: readonly ClientCall[]
}

/** Something the server asked for the sake of one of these calls, which is not passed on before it can be told of which. */
export interface HeldQuestion {
  readonly questionId: number
  readonly frame: RequestFrame
  suspects: readonly ClientCall[]
}

/** A list as it was given last: the result, JSON text, and a number that no other one had before it. */
export interface LatestList {
  readonly result: Buffer
  readonly version: number
}

/** Everything a router knows. The functions of this folder are its transitions. */
export interface RouterState {
  readonly options: RouterOptions
  readonly outbox: Outbox
  readonly clients: Map<string, Client>
  readonly calls: CallTable
  readonly questions: Map<number, Question>
  readonly heldQuestions: Map<number, HeldQuestion>
  readonly subscriptions: Subscriptions
  readonly tasks: Tasks
  server: ServerState
  /** The server's last answer to initialize; it outlives the connection. */
  greeting: ServerGreeting | undefined
  /** The log level the connected server was last told. */
  serverLogLevel: LogLevel | undefined
  /** Whether one client at a time has calls at the server, because it asks questions while several have. */
  oneClientAtATime: boolean
  /** The lists that the server has given, or we for it. */
  readonly latestLists: Map<ListMethod, LatestList>
  toolCheck: ToolCheck
  lastRequestId: number
  lastQuestionId: number
}

/** A router before anything happened. */
export function createRouterState(options: RouterOptions): RouterState {
  return {
    options,
    outbox: new Outbox(),
    clients: new Map(),
    calls: new CallTable(),
    questions: new Map(),
    heldQuestions: new Map(),
    subscriptions: new Subscriptions(),
    tasks: new Tasks(),
    server: { name: 'absent' },
    greeting: undefined,
    serverLogLevel: undefined,
    oneClientAtATime: false,
    latestLists: new Map(),
    toolCheck: { name: 'due' },
    lastRequestId: 0,
    lastQuestionId: 0,
  }
}

/** The clients whose handshake is complete, but for the service itself. */
export function initializedClients(state: RouterState): Client[] {
  return [...state.clients.values()].filter(({ phase, isService }) => phase.name === 'initialized' && !isService)
}

/** The clients that know to be connected, whether or not they have completed the handshake; but for the service itself. */
export function answeredClients(state: RouterState): Client[] {
  return [...state.clients.values()].filter(
    ({ phase, isService }) => (phase.name === 'answered' || phase.name === 'initialized') && !isService,
  )
}
