import { once } from 'node:events'
import { readFile } from 'node:fs/promises'

/** What a program needs in its environment for its memory to be measured. */
export const MEASURABLE = { NODE_OPTIONS: '--inspect=127.0.0.1:0' }

/** What a Node program really holds: what is left when its garbage has been collected. */
export interface HeldMemory {
  /** Bytes on its heap, and those of buffers and the like outside of it. */
  readonly heapUsed: number
  readonly external: number
  /** How many things lie in all its maps and sets together, its libraries' and Node's own included. */
  readonly entries: number
  /** Timers that are set and keep it alive. */
  readonly timers: number
}

const INSPECTOR_URL = /Debugger listening on (ws:\S+)/g
const GROUP = 'held'
// The prototype of a class that extends one of them is found as well, and has no size.
const SIZE_OR_NONE = "Object.hasOwn(one, 'constructor') ? 0 : one.size"

interface Evaluated {
  result?: { value?: unknown; objectId?: string }
  objects?: { objectId?: string }
}

/** Measures what a Node program really holds, through its inspector. */
export class LiveMemory implements Disposable {
  readonly #inspector: WebSocket
  #lastId = 0

  private constructor(inspector: WebSocket) {
    this.#inspector = inspector
  }

  /** Connects to a program that was started {@link MEASURABLE}, by its error output. */
  static async of(stderrPath: string): Promise<LiveMemory> {
    const output = await readFile(stderrPath, 'utf8')
    // A worker starts itself anew; what it was first listens no more.
    const url = [...output.matchAll(INSPECTOR_URL)].at(-1)?.[1]
    if (url === undefined) throw new Error(`${stderrPath} names no inspector.`)
    const inspector = new WebSocket(url)
    await once(inspector, 'open')
    return new LiveMemory(inspector)
  }

  /** Collects its garbage and counts what is left. */
  async measure(): Promise<HeldMemory> {
    const entries = (await this.#entriesOf('Map')) + (await this.#entriesOf('Set'))
    const timers = await this.#evaluate("process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length")
    await this.#ask('HeapProfiler.collectGarbage')
    const heapUsed = await this.#evaluate('process.memoryUsage().heapUsed')
    return { heapUsed, external: await this.#evaluate('process.memoryUsage().external'), entries, timers }
  }

  [Symbol.dispose](): void {
    this.#inspector.close()
  }

  async #evaluate(expression: string): Promise<number> {
    const { result } = await this.#ask('Runtime.evaluate', { expression })
    return Number(result?.value)
  }

  /** How many things lie in all living collections of a kind. */
  async #entriesOf(kind: 'Map' | 'Set'): Promise<number> {
    const prototype = await this.#ask('Runtime.evaluate', { expression: `${kind}.prototype`, objectGroup: GROUP })
    const found = await this.#ask('Runtime.queryObjects', {
      prototypeObjectId: prototype.result?.objectId,
      objectGroup: GROUP,
    })
    const { result } = await this.#ask('Runtime.callFunctionOn', {
      objectId: found.objects?.objectId,
      functionDeclaration: `function () { return this.reduce((sum, one) => sum + (${SIZE_OR_NONE}), 0) }`,
    })
    await this.#ask('Runtime.releaseObjectGroup', { objectGroup: GROUP })
    return Number(result?.value)
  }

  async #ask(method: string, params: object = {}): Promise<Evaluated> {
    const id = ++this.#lastId
    this.#inspector.send(JSON.stringify({ id, method, params }))
    for (;;) {
      const [{ data }] = (await once(this.#inspector, 'message')) as [{ data: string }]
      const answer = JSON.parse(data) as { id?: number; result: Evaluated }
      if (answer.id === id) return answer.result
    }
  }
}
