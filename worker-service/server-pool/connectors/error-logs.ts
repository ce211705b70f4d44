import { join } from 'node:path'
import { RotatedLog } from '../../files/rotated-log.ts'
import type { LineLog } from './error-output.ts'

/** A log in use by one connection. Disposing waits until it is on disk. */
export type OpenLog = LineLog & AsyncDisposable

/** The error logs of servers, one per name: `<folder>/<name>.log`. Connections to the same server share one. */
export class ErrorLogs {
  readonly #folder: string
  readonly #open = new Map<string, { log: RotatedLog; users: number }>()

  constructor(folder: string) {
    this.#folder = folder
  }

  /** Where the log of a server is. */
  pathOf(server: string): string {
    return join(this.#folder, `${server}.log`)
  }

  open(server: string): OpenLog {
    const entry = this.#open.get(server) ?? { log: new RotatedLog({ path: this.pathOf(server) }), users: 0 }
    this.#open.set(server, entry)
    entry.users++
    return { write: (line) => entry.log.write(line), [Symbol.asyncDispose]: () => this.#close(server, entry) }
  }

  /** Adds a line to the log of a server, be it in use or not. */
  note(server: string, line: string): void {
    const log = this.open(server)
    log.write(line)
    void log[Symbol.asyncDispose]()
  }

  async #close(server: string, entry: { log: RotatedLog; users: number }): Promise<void> {
    entry.users--
    if (entry.users > 0) return
    await entry.log[Symbol.asyncDispose]()
    // One that was opened meanwhile writes to the same: a log has one writer.
    if (entry.users === 0) this.#open.delete(server)
  }
}
