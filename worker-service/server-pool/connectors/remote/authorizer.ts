/** Who logs us in to one server. Disposed with the connection it is for. */
export interface Authorizer extends Disposable {
  /** The value of the Authorization header, or undefined where there is none to send. Waits while an expired token is renewed. */
  authorization(signal: AbortSignal): Promise<string | undefined>
  /**
   * The server refused a request with `sent` (401), or wants more than it allows (403). Resolves with whether another authorization is
   * there now, so that the request is worth repeating.
   */
  refused(refusal: Refusal, signal: AbortSignal): Promise<boolean>
}

/** A request that a server did not allow. */
export interface Refusal {
  /** What was sent as Authorization. */
  sent: string | undefined
  status: 401 | 403
  /** The header `WWW-Authenticate`. */
  challenge: string | undefined
}

/** Nobody: the server is open, or its headers log us in. */
export const NO_AUTHORIZER: Authorizer = {
  authorization: () => Promise.resolve(undefined),
  refused: () => Promise.resolve(false),
  [Symbol.dispose]() {},
}
