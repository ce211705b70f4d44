/** A request to pass on: whose it is, and the frame as the server is given it. */
export interface ServerRequest {
  readonly server: string
  readonly bytes: Buffer
  /** The server's answer as the client is given it, where that is not as it came. */
  readonly toClient?: (answer: Buffer) => Buffer
}

/** What comes of a client's request: our own result, JSON text, or a server to ask. */
export type Outcome = string | ServerRequest
