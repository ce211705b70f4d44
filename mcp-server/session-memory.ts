import { type RequestFrame, readString } from '../shared/frames/frame-scan.ts'
import { notificationFrame, rewriteFrame } from '../shared/frames/frame-write.ts'

/** Each list that a client may hold, by the method that asks for it, and what tells that it is another now. */
const CHANGES: ReadonlyMap<string, string> = new Map([
  ['tools/list', 'notifications/tools/list_changed'],
  ['prompts/list', 'notifications/prompts/list_changed'],
  ['resources/list', 'notifications/resources/list_changed'],
  ['resources/templates/list', 'notifications/resources/list_changed'],
])

// Beyond, those subscribed to longest ago are not renewed.
const MAX_SUBSCRIPTIONS = 1_000

/** What a client has told the worker that another worker does not know, and what it was told. */
export class SessionMemory {
  #logLevel: RequestFrame | undefined
  /** By their URIs. */
  readonly #subscriptions = new Map<string, RequestFrame>()
  /** The notifications that make the client ask again for a list it holds. */
  readonly #held = new Set<string>()

  /** Remembers what a request of the client's changes. */
  note(frame: RequestFrame): void {
    switch (frame.method) {
      case 'logging/setLevel':
        this.#logLevel = copyOf(frame)
        return
      case 'resources/subscribe':
        return this.#subscribe(readString(frame, 'params.uri') ?? '', frame)
      case 'resources/unsubscribe':
        this.#subscriptions.delete(readString(frame, 'params.uri') ?? '')
        return
      default:
        this.noteList(frame.method)
    }
  }

  /** Remembers that the client holds a list, where this method asks for one. */
  noteList(method: string): void {
    const change = CHANGES.get(method)
    if (change !== undefined) this.#held.add(change)
  }

  /** What another worker is told, as requests with ids of ours (JSON strings). */
  replay(newId: () => string): Buffer[] {
    const frames = this.#logLevel === undefined ? [] : [this.#logLevel]
    return [...frames, ...this.#subscriptions.values()].map((frame) =>
      rewriteFrame(frame, { id: JSON.stringify(newId()) }),
    )
  }

  /** What tells a client that the lists it holds may be others now, each once until it asks again; all of them, or those of one method. */
  takeChanges(method?: string): Buffer[] {
    const changes =
      method === undefined ? [...this.#held] : [...this.#held].filter((one) => one === CHANGES.get(method))
    for (const change of changes) this.#held.delete(change)
    return changes.map((change) => notificationFrame(change))
  }

  #subscribe(uri: string, frame: RequestFrame): void {
    this.#subscriptions.delete(uri)
    this.#subscriptions.set(uri, copyOf(frame))
    const [longestAgo] = this.#subscriptions.keys()
    if (this.#subscriptions.size > MAX_SUBSCRIPTIONS && longestAgo !== undefined) this.#subscriptions.delete(longestAgo)
  }
}

// What a frame came in is larger, and this stays.
function copyOf(frame: RequestFrame): RequestFrame {
  return { ...frame, bytes: Buffer.from(frame.bytes) }
}
