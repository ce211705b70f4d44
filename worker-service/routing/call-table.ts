import type { RequestFrame } from '../../shared/frames/frame-scan.ts'
import type { Client, ClientCall } from './client.ts'
import type { RecalledMethod } from './list-methods.ts'

/** A request in flight that the router made of its own accord; it never waits. */
export interface RouterCall {
  readonly kind: 'router'
  readonly requestId: number
  readonly method: RouterMethod
  /** The resource, where the request is about a subscription. */
  readonly uri: string | undefined
}

/** What the router asks a server of its own accord. */
export type RouterMethod =
  | RecalledMethod
  | 'ping'
  | 'resources/subscribe'
  | 'resources/unsubscribe'
  | 'logging/setLevel'

/** A request in flight. */
export type Call = ClientCall | RouterCall

/** What decides who may send calls. */
export interface Turns {
  readonly oneClientAtATime: boolean
  /** The questions of the server that clients have yet to answer. */
  readonly questions: ReadonlyMap<number, { readonly client: Client; readonly during: readonly ClientCall[] }>
}

/** Whether the server has seen a call. */
export function isAtServer(call: Call): boolean {
  return call.kind === 'router' || call.state === 'sent'
}

/** The requests in flight, by their ids on both sides, and those that wait in the order they came. */
export class CallTable {
  readonly #byRequestId = new Map<number, Call>()
  readonly #waiting = new Map<ClientCall, RequestFrame>()

  /** How many entries there are, in all its maps. */
  get size(): number {
    return this.#byRequestId.size + this.#waiting.size
  }

  /** Every call in flight, oldest first. */
  all(): Call[] {
    return [...this.#byRequestId.values()]
  }

  /** The clients that have calls at the server now. */
  clientsAtServer(): Client[] {
    const clients = new Set<Client>()
    for (const call of this.#byRequestId.values()) if (isSent(call)) clients.add(call.client)
    return [...clients]
  }

  /** The calls of clients that the server has seen, oldest first. */
  clientCallsAtServer(): ClientCall[] {
    return this.all().filter(isSent)
  }

  get(requestId: string | number): Call | undefined {
    return typeof requestId === 'number' ? this.#byRequestId.get(requestId) : undefined
  }

  /** The call of this id that the server has seen; a server may answer no other. */
  atServer(requestId: string | number): Call | undefined {
    const call = this.get(requestId)
    return call !== undefined && isAtServer(call) ? call : undefined
  }

  /** The only call that the server has seen; undefined where there is none, or several. */
  onlyAtServer(): Call | undefined {
    const [only, ...others] = this.all().filter(isAtServer)
    return others.length === 0 ? only : undefined
  }

  /** The calls of a method that wait, oldest first. */
  waitingFor(method: string): ClientCall[] {
    return [...this.#waiting.keys()].filter((call) => call.method === method)
  }

  addRouterCall(call: RouterCall): void {
    this.#byRequestId.set(call.requestId, call)
  }

  /** Adds a call that is about to be sent or to wait. */
  addClientCall(call: ClientCall): void {
    this.#byRequestId.set(call.requestId, call)
    call.client.calls.set(call.id.value, call)
  }

  /** Holds a call's frame until it is sent. */
  wait(call: ClientCall, frame: RequestFrame): void {
    this.#waiting.set(call, frame)
  }

  markSent(call: ClientCall): void {
    call.state = 'sent'
    if (this.#waiting.size > 0) this.#waiting.delete(call)
  }

  remove(call: Call): void {
    this.#byRequestId.delete(call.requestId)
    if (call.kind === 'router') return
    call.client.calls.delete(call.id.value)
    if (call.state === 'waiting') this.#waiting.delete(call)
  }

  /** Whether a call that has just come need not wait for its turn. */
  isFree({ oneClientAtATime }: Turns): boolean {
    return this.#waiting.size === 0 && !oneClientAtATime
  }

  /**
   * The call whose turn it is, with its frame; those of the method `except` wait. One client at a time: strictly in the order they came,
   * so that nobody is overtaken for ever, but by one who is asked something during a call and may need another one to answer.
   */
  nextToSend(
    { oneClientAtATime, questions }: Turns,
    { except }: { except?: string } = {},
  ): [ClientCall, RequestFrame] | undefined {
    if (this.#waiting.size === 0) return undefined
    const [first] =
      except === undefined ? this.#waiting : this.#waiting.entries().filter(([{ method }]) => method !== except)
    if (first === undefined || !oneClientAtATime) return first
    const [busy, ...others] = this.clientsAtServer()
    if (busy === undefined) return first
    if (others.length > 0) return undefined
    if (busy === first[0].client) return first
    const isAsked = questions.values().some(({ during }) => during.some((call) => this.get(call.requestId) === call))
    return isAsked
      ? this.#waiting.entries().find(([{ client, method }]) => client === busy && method !== except)
      : undefined
  }
}

function isSent(call: Call): call is ClientCall {
  return call.kind === 'client' && call.state === 'sent'
}
