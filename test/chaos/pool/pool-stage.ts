import type { Message } from '../../support/fake-servers.ts'
import { LineClient } from '../../support/line-client.ts'
import { OwnWorker } from '../../support/own-worker.ts'
import { childrenOf } from '../../support/processes.ts'

/** Settings of a server that rises again as soon as it fell, however often. */
export const RISES_AT_ONCE = {
  restart: { minDelayMs: 1, maxDelayMs: 10, stableAfterMs: 1, maxCrashes: 1_000_000, crashWindowMs: 1 },
}

/** A worker as it ships over some servers, and clients on their sockets. */
export class PoolStage implements AsyncDisposable {
  readonly worker: OwnWorker
  readonly #clients: LineClient[] = []

  private constructor(worker: OwnWorker) {
    this.worker = worker
  }

  /** Starts it over these entries, with `more` variables; all of them may run at once. */
  static async start(
    mcpServers: Readonly<Record<string, object>>,
    more: Readonly<Record<string, string>> = {},
  ): Promise<PoolStage> {
    const pool = { maxSize: Object.keys(mcpServers).length + 1 }
    return new PoolStage(await OwnWorker.start({ mcpServers, pool }, more))
  }

  /** Connects a client to a server and says hello. What comes besides answers to `ask` is given to `unasked`. */
  async open(server: string, unasked?: (message: Message) => void, capabilities = {}): Promise<LineClient> {
    const client = await LineClient.open(this.socketOf(server), unasked, capabilities)
    this.#clients.push(client)
    return client
  }

  /** The path of a server's socket. */
  socketOf(server: string): string {
    return this.worker.socketOf(server)
  }

  /** The very process of a server that runs: not what was started to keep it, where there is such a thing. Rejects where none runs. */
  async processOf(server: string): Promise<number> {
    const { pid } = await this.worker.row(server)
    if (pid === null) throw new Error(`The server ${server} does not run.`)
    return lastDescendantOf(pid)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client[Symbol.dispose]()
    await this.worker[Symbol.asyncDispose]()
  }
}

function lastDescendantOf(pid: number): number {
  const [child] = childrenOf(pid)
  return child === undefined ? pid : lastDescendantOf(child)
}
