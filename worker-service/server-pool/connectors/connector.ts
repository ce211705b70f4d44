import type { ServerDefinition } from '../server-definition.ts'

/** Why a connection is over: we ended it, the server's process went away, or it no longer takes what is sent to it. */
export type ConnectionEnd =
  | { kind: 'stopped' }
  | { kind: 'exited'; code: number | null; signal: NodeJS.Signals | null }
  | { kind: 'input-closed' }

/** Takes what a server sends. Frames are single lines of UTF-8, in order; whether they are JSON-RPC is not yet known. */
export interface FrameReceiver {
  frame(bytes: Buffer): void
  /** A frame over `maxMessageBytes` came and was dropped. */
  oversizedFrame(): void
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
