interface Subscription {
  readonly clientIds: Set<string>
  /** Whether the server that is connected now has said yes. */
  confirmed: boolean
}

/** Who wants to hear of which resource. The server knows one subscription per URI, however many clients share it. */
export class Subscriptions {
  readonly #byUri = new Map<string, Subscription>()

  get size(): number {
    return this.#byUri.size
  }

  /** Every URI that somebody subscribed to. */
  uris(): string[] {
    return [...this.#byUri.keys()]
  }

  /** Adds a client; true when the server has confirmed the URI already and need not be asked. */
  add(uri: string, clientId: string): boolean {
    const subscription = this.#byUri.get(uri) ?? { clientIds: new Set(), confirmed: false }
    subscription.clientIds.add(clientId)
    this.#byUri.set(uri, subscription)
    return subscription.confirmed
  }

  /** Takes a client out; true when nobody is left and the server can be told. */
  remove(uri: string, clientId: string): boolean {
    const subscription = this.#byUri.get(uri)
    if (subscription === undefined || !subscription.clientIds.delete(clientId)) return false
    return subscription.clientIds.size === 0 && this.#byUri.delete(uri)
  }

  /** Takes a client out everywhere; returns the URIs that nobody is left for. */
  removeClient(clientId: string): string[] {
    return this.uris().filter((uri) => this.remove(uri, clientId))
  }

  has(uri: string): boolean {
    return this.#byUri.has(uri)
  }

  confirm(uri: string): void {
    const subscription = this.#byUri.get(uri)
    if (subscription !== undefined) subscription.confirmed = true
  }

  /** A server that starts anew knows of none. */
  forgetConfirmations(): void {
    for (const subscription of this.#byUri.values()) subscription.confirmed = false
  }

  /** The clients an update is for. The URI may be one below what they subscribed to (MCP, resources/updated). */
  audienceOf(updatedUri: string): Set<string> {
    const subscribed = [...this.#byUri].filter(([uri]) => covers(uri, updatedUri))
    return new Set(subscribed.flatMap(([, { clientIds }]) => [...clientIds]))
  }
}

/** Whether an update of one URI is news to who subscribed to the other. */
export function covers(uri: string, updated: string): boolean {
  if (!updated.startsWith(uri)) return false
  return uri.length === updated.length || uri.endsWith('/') || '/?#'.includes(updated.charAt(uri.length))
}
