/** One request and its answer over a connection of its own to a Unix socket, and who hears what becomes of them. */
export interface Exchange {
  readonly socketPath: string
  /** All that is sent. */
  readonly request: string
  /** The request is on its way. */
  sent(): void
  /** Bytes came. Whether these are the last that are waited for; the connection is left then. */
  received(bytes: Buffer): boolean
  /** The connection ended before that. */
  ended(error?: Error): void
}

/** Leaves a connection, whatever is still to come; nothing of it is heard any more. */
export type Hangup = () => void
