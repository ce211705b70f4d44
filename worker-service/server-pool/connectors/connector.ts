import type { Delivery } from '../../../shared/errors/json-rpc-error.ts'
import type { ServiceError } from '../../../shared/errors/service-error.ts'
import type { AnsweredRequestId } from '../../routing/failed-calls.ts'
import type { ServerDefinition } from '../server-definition.ts'

/**
 * Why a connection is over: we ended it, the server's process went away, it no longer takes what is sent to it, or a remote server was
 * lost for the reason given.
 */
export type ConnectionEnd =
  | { kind: 'stopped' }
  | { kind: 'exited'; code: number | null; signal: NodeJS.Signals | null }
  | { kind: 'input-closed' }
  | { kind: 'lost'; error: ServiceError }

/** Takes what a server sends. Frames are single lines of UTF-8, in order; whether they are JSON-RPC is not yet known. */
export interface FrameReceiver {
  /** `relatedTo` is the id of the request of ours on whose stream the frame came, where the transport has such streams. */
  frame(bytes: Buffer, relatedTo?: number): void
  /** A frame over `maxMessageBytes` came and was dropped. */
  oversizedFrame(answered: AnsweredRequestId): void
  /**
   * A request of this id gets no answer, though the connection goes on; where this is not told, the end of the connection tells it.
   * `delivered` is whether the server has it.
   */
  unanswered?(requestId: number, error: ServiceError, delivered: Delivery): void
  /** The server had forgotten our session and has a new one: log level and subscriptions of the old one are gone. */
  sessionRenewed?(): void
  /** The server has caught up after a `write` that said it was behind. */
  drained?(): void
}

/** An open way to one MCP server. Disposing it ends the server and resolves when nothing of it is left; it never rejects. */
export interface Connection extends AsyncDisposable {
  /** Starts the delivery of frames; nothing is lost before. To be called once. */
  receive(receiver: FrameReceiver): void
  /**
   * Sends one frame, given without its newline. Resolves when the server's pipe has taken it, which may be never when the server does
   * not read; rejects with `too_large`, or `connection_closed` when the connection ends first.
   */
  send(frame: Buffer | string): Promise<void>
  /**
   * Sends one frame, given without its newline, and waits for nothing. False when the server is behind: the frame is kept and sent, but
   * whoever can should wait for `drained`. Throws `too_large`, or `connection_closed` when the connection is over.
   */
  write(frame: Buffer | string): boolean
  /**
   * Tells that a frame of so many bytes was taken, and whether it ended a request. Of those that end none only so many are read in a
   * time, so that a server that floods is slowed down and nobody else is.
   */
  tookFrame?(bytes: number, isAnswer: boolean): void
  /** Bytes that were written and that the server has not taken yet. */
  readonly waitingBytes: number
  /** The process that was started, where one was on this machine; the server may be a descendant of it. */
  readonly processId?: number | undefined
  /** Resolves when the connection is over. */
  readonly closed: Promise<ConnectionEnd>
  /** Lines that were no frames (banners, colour codes) and were skipped. */
  readonly skippedLines: number
  /** The last lines the server wrote to its error output, made safe to show; empty where there is none. */
  lastWords(): string[]
}

/** A transport: opens a connection to the server of a definition. Rejects with `server_unavailable`, or the signal's reason. */
export type Connector<Definition extends ServerDefinition = ServerDefinition> = (
  definition: Definition,
  signal: AbortSignal,
) => Promise<Connection>
