import type { Failure } from '../../shared/errors/json-rpc-error.ts'

/** Why a frame went no further. */
export type DropReason =
  | 'unusable'
  | 'too-large'
  | 'unknown-client'
  | 'unknown-answer'
  | 'late-answer'
  | 'unknown-progress'
  | 'unknown-cancel'
  | 'unexpected-notification'
  | 'nobody-to-tell'
  | 'server-not-ready'

/** How a request ended: answered (with a result or the server's own error), or by what came before an answer. */
export type RequestOutcome = 'answered' | 'failed' | 'cancelled' | 'expired' | 'lost'

/** A list of a server that may change while it runs. */
export type ServerList = 'tools' | 'prompts' | 'resources'

/** What the router wants done, in this order. Frames are JSON texts without a newline, to be written whole. */
export type Effect =
  | { readonly kind: 'send-to-server'; readonly frame: Buffer }
  /** `answers` tells which request a frame answers, where it does, for those who look into the answers to a method. */
  | {
      readonly kind: 'send-to-client'
      readonly clientId: string
      readonly frame: Buffer
      readonly answers?: AnsweredRequest
    }
  /** A frame went no further; to be counted. */
  | { readonly kind: 'drop'; readonly from: 'client' | 'server'; readonly reason: DropReason }
  /** Something waits for a server and none is connected. Said once until `serverOpened` or `serverClosed`. */
  | { readonly kind: 'need-server' }
  /** The server has answered initialize; `result` is its result, JSON text. */
  | { readonly kind: 'server-ready'; readonly result: Buffer }
  /** The handshake did not end well: the connection is of no use. */
  | { readonly kind: 'handshake-failed'; readonly loss: Failure }
  /** A request was taken on and counts as in flight from here, sent or waiting; its deadline is the caller's to keep. */
  | StartedRequest
  /** The server told of progress, which extends the deadline. */
  | { readonly kind: 'request-progressed'; readonly requestId: number }
  | { readonly kind: 'request-finished'; readonly requestId: number; readonly outcome: RequestOutcome }
  /** The server said that this list of its is another now, whether or not a client was there to be told. */
  | { readonly kind: 'list-changed'; readonly list: ServerList }
  /** The server asked something and nobody can tell yet for whom. How long that may last is the caller's to keep, until it is said to be over. */
  | { readonly kind: 'question-held' | 'question-released'; readonly questionId: number }
  /** The server asked something and nobody can tell for whom; it got an error. */
  | { readonly kind: 'unattributed'; readonly method: string }
  /** The server asked a client for its roots, and works with those from here on. */
  | { readonly kind: 'roots-asked' }
  /** From here on one client at a time has calls at this server. Said once. */
  | { readonly kind: 'serialised' }

/** `clientId` is undefined for what the router asks of its own accord; `name` is the tool or prompt, where there is one. */
export interface StartedRequest {
  readonly kind: 'request-started'
  readonly requestId: number
  readonly clientId: string | undefined
  readonly method: string
  readonly name: string | undefined
}

/** A request that a frame answers. */
export interface AnsweredRequest {
  readonly requestId: number
  readonly method: string
}

/** Collects what is to be done until it is taken. */
export class Outbox {
  #effects: Effect[] = []

  put(effect: Effect): void {
    this.#effects.push(effect)
  }

  toServer(frame: Buffer): void {
    this.put({ kind: 'send-to-server', frame })
  }

  toClient(clientId: string, frame: Buffer, answers?: AnsweredRequest): void {
    this.put(
      answers === undefined
        ? { kind: 'send-to-client', clientId, frame }
        : { kind: 'send-to-client', clientId, frame, answers },
    )
  }

  drop(from: 'client' | 'server', reason: DropReason): void {
    this.put({ kind: 'drop', from, reason })
  }

  /** Everything put since the last time, in order. */
  take(): Effect[] {
    const effects = this.#effects
    this.#effects = []
    return effects
  }
}
