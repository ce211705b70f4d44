import { ServiceError } from '../shared/errors/service-error.ts'
import type { RequestFrame, Token } from '../shared/frames/frame-scan.ts'

interface Waits {
  readonly id: Token
  readonly frame: RequestFrame
}

interface Place<T> {
  readonly request: T
  readonly deadline: NodeJS.Timeout
}

export interface WaitingRequestsOptions<T> {
  /** How long a request waits, in milliseconds. */
  readonly patienceMs: number
  /** Is given one that has waited for so long. */
  readonly expired: (request: T) => void
}

const MAX_BYTES = 16 * 1024 * 1024

/** Requests that wait for a worker, each until its own deadline, in the order they came. */
export class WaitingRequests<T extends Waits> implements Disposable {
  readonly #options: WaitingRequestsOptions<T>
  readonly #places = new Map<string | number, Place<T>>()
  #bytes = 0

  constructor(options: WaitingRequestsOptions<T>) {
    this.#options = options
  }

  get size(): number {
    return this.#places.size
  }

  has(id: string | number): boolean {
    return this.#places.has(id)
  }

  /** Throws `overloaded` where too much waits already. */
  add(request: T): void {
    const { id, frame } = request
    const bytes = this.#bytes + frame.bytes.length
    if (bytes > MAX_BYTES && this.size > 0) {
      throw new ServiceError('overloaded', `Requests of over ${MAX_BYTES} bytes cannot wait for the worker together.`)
    }
    this.#bytes = bytes
    const deadline = setTimeout(() => {
      this.take(id.value)
      this.#options.expired(request)
    }, this.#options.patienceMs).unref()
    this.#places.set(id.value, { request, deadline })
  }

  /** Takes a request out; undefined where none waits by that id. */
  take(id: string | number): T | undefined {
    const place = this.#places.get(id)
    if (place === undefined) return undefined
    this.#places.delete(id)
    clearTimeout(place.deadline)
    this.#bytes -= place.request.frame.bytes.length
    return place.request
  }

  /** Takes out those that are wanted, in order. */
  takeWhere(isWanted: (request: T) => boolean): T[] {
    const wanted = [...this.#places].filter(([, { request }]) => isWanted(request))
    return wanted.flatMap(([id]) => this.take(id) ?? [])
  }

  [Symbol.dispose](): void {
    this.takeWhere(() => true)
  }
}
