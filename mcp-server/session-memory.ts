import { type AnswerFrame, type RequestFrame, readString } from '../shared/frames/frame-scan.ts'
import { notificationFrame, requestFrame, rewriteFrame } from '../shared/frames/frame-write.ts'

const TOOLS = 'tools/list'

/** Each list that a client may hold, by the method that asks for it, and what tells that it is another now. */
const CHANGES: ReadonlyMap<string, string> = new Map([
  [TOOLS, 'notifications/tools/list_changed'],
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
  /** The tools that the client holds, where they are what was remembered; and the id of the question whether they still are these. */
  #remembered: { readonly list: Buffer; askedBy?: string } | undefined

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
    if (method === TOOLS) this.#remembered = undefined
  }

  /** The client was given the tools as they were remembered (the result, JSON). A worker is asked whether they are these. */
  noteTools(list: Buffer): void {
    this.noteList(TOOLS)
    this.#remembered = { list }
  }

  /** What tells the client, where the answer to that question says that its tools are others. */
  checkTools({ id, bytes, spans }: AnswerFrame): Buffer[] {
    if (this.#remembered === undefined || this.#remembered.askedBy !== id.value) return []
    const result = spans.get('result')
    if (result !== undefined && bytes.subarray(result.start, result.end).equals(this.#remembered.list)) return []
    return this.takeChanges(TOOLS)
  }

  /** What another worker is told and asked, as requests with ids of ours. */
  replay(newId: () => string): Buffer[] {
    const frames = this.#logLevel === undefined ? [] : [this.#logLevel]
    const told = [...frames, ...this.#subscriptions.values()].map((frame) =>
      rewriteFrame(frame, { id: JSON.stringify(newId()) }),
    )
    if (this.#remembered === undefined) return told
    this.#remembered.askedBy = newId()
    return [...told, requestFrame(this.#remembered.askedBy, TOOLS)]
  }

  /** What tells a client that the lists it holds may be others now, each once until it asks again; those of one method, or all that nobody is asked about. */
  takeChanges(method?: string): Buffer[] {
    const isUnasked = (change: string) => this.#remembered === undefined || change !== CHANGES.get(TOOLS)
    const changes = [...this.#held].filter((one) =>
      method === undefined ? isUnasked(one) : one === CHANGES.get(method),
    )
    for (const change of changes) this.#held.delete(change)
    if (method === TOOLS) this.#remembered = undefined
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
