import { once } from 'node:events'
import { readFile } from 'node:fs/promises'

/** What a program needs in its environment for its memory to be measured. */
export const MEASURABLE = { NODE_OPTIONS: '--inspect=127.0.0.1:0' }

const INSPECTOR_URL = /Debugger listening on (ws:\S+)/g

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

  /** The bytes on its heap and outside of it that are left when its garbage has been collected. */
  async measure(): Promise<number> {
    await this.#ask('HeapProfiler.collectGarbage')
    const expression = '(({ heapUsed, external }) => heapUsed + external)(process.memoryUsage())'
    const { result } = await this.#ask('Runtime.evaluate', { expression })
    return Number(result?.value)
  }

  [Symbol.dispose](): void {
    this.#inspector.close()
  }

  async #ask(method: string, params: object = {}): Promise<{ result?: { value?: unknown } }> {
    const id = ++this.#lastId
    this.#inspector.send(JSON.stringify({ id, method, params }))
    for (;;) {
      const [{ data }] = (await once(this.#inspector, 'message')) as [{ data: string }]
      const answer = JSON.parse(data) as { id?: number; result: { result?: { value?: unknown } } }
      if (answer.id === id) return answer.result
    }
  }
}
