import { Inspector } from './inspector.ts'

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

const GROUP = 'held'
// The prototype of a class that extends one of them is found as well, and has no size.
const SIZE_OR_NONE = "Object.hasOwn(one, 'constructor') ? 0 : one.size"
const TIMERS = "process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length"

interface Evaluated {
  readonly result?: { readonly value?: unknown; readonly objectId?: string }
}

interface Queried {
  readonly objects?: { readonly objectId?: string }
}

/** Measures what a Node program really holds, through its inspector. */
export class LiveMemory implements Disposable {
  readonly #inspector: Inspector

  private constructor(inspector: Inspector) {
    this.#inspector = inspector
  }

  /** Connects to a program that was started inspectable, by its error output. */
  static async of(stderrPath: string): Promise<LiveMemory> {
    return new LiveMemory(await Inspector.of(stderrPath))
  }

  /** Collects its garbage and counts what is left. */
  async measure(): Promise<HeldMemory> {
    const entries = (await this.#entriesOf('Map')) + (await this.#entriesOf('Set'))
    const timers = await this.#evaluate(TIMERS)
    await this.#inspector.ask('HeapProfiler.collectGarbage')
    const heapUsed = await this.#evaluate('process.memoryUsage().heapUsed')
    return { heapUsed, external: await this.#evaluate('process.memoryUsage().external'), entries, timers }
  }

  [Symbol.dispose](): void {
    this.#inspector[Symbol.dispose]()
  }

  async #evaluate(expression: string): Promise<number> {
    const { result } = await this.#inspector.ask<Evaluated>('Runtime.evaluate', { expression })
    return Number(result?.value)
  }

  /** How many things lie in all living collections of a kind. */
  async #entriesOf(kind: 'Map' | 'Set'): Promise<number> {
    const group = { objectGroup: GROUP }
    const prototype = await this.#inspector.ask<Evaluated>('Runtime.evaluate', {
      expression: `${kind}.prototype`,
      ...group,
    })
    const found = await this.#inspector.ask<Queried>('Runtime.queryObjects', {
      prototypeObjectId: prototype.result?.objectId,
      ...group,
    })
    const { result } = await this.#inspector.ask<Evaluated>('Runtime.callFunctionOn', {
      objectId: found.objects?.objectId,
      functionDeclaration: `function () { return this.reduce((sum, one) => sum + (${SIZE_OR_NONE}), 0) }`,
    })
    await this.#inspector.ask('Runtime.releaseObjectGroup', group)
    return Number(result?.value)
  }
}
