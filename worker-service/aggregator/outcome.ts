/** A request to pass on: whose it is, and the frame as the server is given it. */
export interface ServerRequest {
  readonly server: string
  readonly bytes: Buffer
}

/** What comes of a client's request: our own result, JSON text, or a server to ask. */
export type Outcome = string | ServerRequest
