import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { FrameEnd } from './frame-end.ts'

/** A server that a test plays itself: its standard streams, and the id of the initialize request that it has got. */
export interface BridgedServer {
  readonly end: FrameEnd
  readonly helloId: string
}

interface Hello {
  id: unknown
  params: { capabilities: Record<string, unknown> }
}

const PROGRAM = join(import.meta.dirname, '../fixtures/servers/bridged.cjs')
const GREETING = { protocolVersion: '2025-11-25', capabilities: {}, serverInfo: { name: 'bridged', version: '1' } }

/** Where servers come that a test plays. Those that are only to be listed have no tools, and nobody hears of them. */
export class Bridge implements Disposable {
  /** The command that starts such a server. */
  readonly command: { command: string; args: string[] }
  readonly #listener: Server
  readonly #came: BridgedServer[] = []
  readonly #awaited: Array<(server: BridgedServer) => void> = []

  private constructor(listener: Server, path: string) {
    this.command = { command: process.execPath, args: [PROGRAM, path] }
    this.#listener = listener
    listener.on('connection', (socket) => void this.#welcome(new FrameEnd(socket, socket)))
  }

  /** Makes a socket in a folder. */
  static async in(folder: string): Promise<Bridge> {
    const path = join(folder, 'bridge.sock')
    const listener = createServer()
    const bridge = new Bridge(listener, path)
    listener.listen(path)
    await once(listener, 'listening')
    return bridge
  }

  /** The next server that somebody has begun to use. */
  async next(): Promise<BridgedServer> {
    return this.#came.shift() ?? new Promise((resolve) => this.#awaited.push(resolve))
  }

  [Symbol.dispose](): void {
    this.#listener.close()
  }

  async #welcome(end: FrameEnd): Promise<void> {
    const [first] = await end.take(1)
    if (first === undefined) return
    const { id, params } = JSON.parse(first) as Hello
    // Who lists tools can be asked nothing; clients and the pool can.
    if (params.capabilities.sampling === undefined) return list(end, id)
    const server = { end, helloId: JSON.stringify(id) }
    const awaited = this.#awaited.shift()
    if (awaited === undefined) this.#came.push(server)
    else awaited(server)
  }
}

async function list(end: FrameEnd, helloId: unknown): Promise<void> {
  const answer = (id: unknown, result: object) => end.send([JSON.stringify({ jsonrpc: '2.0', id, result })])
  await answer(helloId, GREETING)
  const [, listing] = await end.take(2)
  if (listing !== undefined) await answer((JSON.parse(listing) as Hello).id, { tools: [] })
}
