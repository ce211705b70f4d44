import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import type { Message } from '../../support/fake-servers.ts'
import { type Generation, type Meeting, OfficialCaller } from '../../support/official-caller.ts'
import type { OutcomeBooks } from './outcome-books.ts'
import { type Face, type RestartedPlace, SERVER } from './restarted-faces.ts'

const TOOL = 'count'
// There are many clients at once; and whoever got an error comes again a little later.
const PAUSE_MS = 20
// Of a session that is lost an answer may never come; where none is, somebody else keeps the deadline.
const PATIENCE_MS = { ofLostSession: 15_000, ofBridge: 60_000 }

/** What a client sees that meets the server itself. */
export interface DirectView {
  /** The text of the list of tools. */
  readonly list: string
  /** The result of a call, what is called with left out. */
  readonly result: unknown
}

/** What a generation of clients sees of the server itself. */
export async function viewDirectly(generation: Generation, server: Meeting): Promise<DirectView> {
  await using client = await OfficialCaller.open(generation, server)
  const { result } = await client.call(TOOL, { key: 'direct' })
  return { list: await client.listTools(), result: withoutToken(result) }
}

/** An official client at one face that calls and lists, and begins anew where its session is lost with the worker. */
export class RestartsCaller implements AsyncDisposable {
  readonly name: string
  /** How many lists it got, and how often it began anew. */
  lists = 0
  renewals = 0
  readonly face: Face
  readonly #generation: Generation
  readonly #parts: { place: RestartedPlace; books: OutcomeBooks; direct: DirectView }
  #client: OfficialCaller
  #list = ''
  #disconnects = 0
  #unasked = 0
  #otherLists = 0
  #calls = 0

  private constructor(
    { face, generation, ...parts }: Parameters<typeof RestartsCaller.start>[0],
    client: OfficialCaller,
  ) {
    this.name = `${face.name}, ${generation}`
    this.face = face
    this.#generation = generation
    this.#parts = parts
    this.#client = client
  }

  /** Connects its client and lists once. */
  static async start(parts: {
    face: Face
    generation: Generation
    place: RestartedPlace
    books: OutcomeBooks
    direct: DirectView
  }): Promise<RestartsCaller> {
    const caller = new RestartsCaller(parts, await open(parts))
    await caller.#attach()
    caller.#list = await caller.#client.listTools()
    if (!caller.#isOwn(caller.#list)) throw new Error(`${caller.name} lists something else: ${caller.#list}`)
    return caller
  }

  /** Calls until `stop`, and once more. */
  async callUntil(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) await this.#callAndList()
    await this.#callAndList()
  }

  /** How often it saw what it should not; where the session does not outlive the worker, a lost connection is no such thing. */
  sightings(): Readonly<Record<string, number>> {
    this.#count()
    return {
      ...(this.face.outlives && { disconnects: this.#disconnects }),
      'ids answered twice': this.#unasked,
      'other lists of tools': this.#otherLists,
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#client[Symbol.asyncDispose]()
  }

  async #callAndList(): Promise<void> {
    const token = `${this.name} ${++this.#calls}`
    const { books } = this.#parts
    books.made(token)
    const answer = await this.#client.call(...this.#toCall(token))
    books.settled(token, this.#toOutcome(token, answer))
    if (answer.error === undefined) await this.#listAgain()
    else if (!this.face.outlives) await this.#beginAnew()
    await sleep(PAUSE_MS)
  }

  /** By its name, as every client may, or as those do that have not listed it. */
  #toCall(token: string): [name: string, args: Record<string, unknown>] {
    const args = { key: token }
    const isWrapped = this.face.servers === 'all' && this.#generation === 'v1'
    return isWrapped ? ['call_tool', { tool: `${SERVER}/${TOOL}`, arguments: args }] : [TOOL, args]
  }

  #toOutcome(token: string, { result, error }: Message): Message {
    if (error !== undefined) {
      // Where the way itself was lost, nobody is left who could say it.
      const { delivered = this.face.outlives ? undefined : 'unknown' } = error.data ?? {}
      return { error: { ...error, data: { delivered } } }
    }
    const isRight = isDeepStrictEqual(withoutToken(result, token), this.#parts.direct.result)
    return { result: { token: isRight ? token : undefined } }
  }

  async #listAgain(): Promise<void> {
    // A list that was under way is an error like any other where nobody else can give it.
    const list = await this.#client.listTools().catch(() => undefined)
    if (list === undefined) return
    this.lists++
    if (list !== this.#list) this.#otherLists++
  }

  async #beginAnew(): Promise<void> {
    this.#count()
    await this.#client[Symbol.asyncDispose]()
    for (;;) {
      try {
        this.#client = await open({ face: this.face, generation: this.#generation, place: this.#parts.place })
        await this.#attach()
        this.renewals++
        return
      } catch {
        await sleep(PAUSE_MS)
      }
    }
  }

  /** A client of all servers has the tool listed that counts. */
  async #attach(): Promise<void> {
    if (this.face.servers === 'one') return
    const { error } = await this.#client.call('find_tools', { query: TOOL, min_score: 0, limit: 1 })
    if (error !== undefined) throw new Error(error.message)
  }

  #count(): void {
    this.#disconnects += Number(this.#client.wasDisconnected)
    this.#unasked += this.#client.unasked
    Object.assign(this.#client, { unasked: 0, wasDisconnected: false })
  }

  /** Whether a list has of the server's own what it should. */
  #isOwn(list: string): boolean {
    const { list: direct } = this.#parts.direct
    if (this.face.servers === 'one') return list === direct
    return isDeepStrictEqual(toolIn(list), toolIn(direct))
  }
}

function open(parts: { face: Face; generation: Generation; place: RestartedPlace }): Promise<OfficialCaller> {
  const { face, generation, place } = parts
  return OfficialCaller.open(
    generation,
    face.meet(place),
    face.outlives ? PATIENCE_MS.ofBridge : PATIENCE_MS.ofLostSession,
  )
}

function toolIn(list: string): unknown {
  const { tools } = JSON.parse(list) as { tools: { name: string }[] }
  return tools.find(({ name }) => name === TOOL)
}

// Which process has answered is not the same either.
function withoutToken(result: Record<string, unknown> | undefined, token = 'direct'): unknown {
  const { key, pid, ...structuredContent } = (result?.structuredContent ?? {}) as Record<string, unknown>
  return { ...result, structuredContent, isToken: key === token, isPid: typeof pid }
}
