import { once } from 'node:events'
import { readFile } from 'node:fs/promises'

/** What a program needs in its environment to be looked into. */
export const INSPECTABLE = { NODE_OPTIONS: '--inspect=127.0.0.1:0' }

const INSPECTOR_URL = /Debugger listening on (ws:\S+)/g

/** Speaks with the inspector of a Node program. */
export class Inspector implements Disposable {
  readonly #socket: WebSocket
  readonly #answers = new Map<number, (result: unknown) => void>()
  #lastId = 0

  private constructor(socket: WebSocket) {
    this.#socket = socket
    socket.addEventListener('message', ({ data }) => {
      const { id = 0, result } = JSON.parse(String(data)) as { id?: number; result: unknown }
      this.#answers.get(id)?.(result)
      this.#answers.delete(id)
    })
  }

  /** Connects to a program that was started {@link INSPECTABLE}, by its error output. */
  static async of(stderrPath: string): Promise<Inspector> {
    const output = await readFile(stderrPath, 'utf8')
    // A worker starts itself anew; what it was first listens no more.
    const url = [...output.matchAll(INSPECTOR_URL)].at(-1)?.[1]
    if (url === undefined) throw new Error(`${stderrPath} names no inspector.`)
    const socket = new WebSocket(url)
    await once(socket, 'open')
    return new Inspector(socket)
  }

  /** Has a method of the Chrome DevTools Protocol carried out; resolves with its result. */
  async ask<Result>(method: string, params: object = {}): Promise<Result> {
    const id = ++this.#lastId
    const answered = new Promise((resolve) => this.#answers.set(id, resolve))
    this.#socket.send(JSON.stringify({ id, method, params }))
    return (await answered) as Result
  }

  [Symbol.dispose](): void {
    this.#socket.close()
  }
}
