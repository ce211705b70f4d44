import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { FrameEnd } from './frame-end.ts'
import type { WireText } from './json-text.ts'

/** A server that a test plays itself: its standard streams, and the id of the initialize request that it has got. */
export interface BridgedServer {
  readonly end: FrameEnd
  readonly helloId: WireText
}

const PROGRAM = join(import.meta.dirname, '../fixtures/servers/bridged.cjs')
const GREETING = { protocolVersion: '2025-11-25', capabilities: {}, serverInfo: { name: 'bridged', version: '1' } }
// The pool asks on its own account when a server was started, and every ten minutes one that could not be listed. A client that then
// gets this process has it asked for roots anew. Clients here say so with params.
const ROOTS_CHANGED = '{"jsonrpc":"2.0","method":"notifications/roots/list_changed"}'
const LISTING = /^\{"jsonrpc":"2\.0","id":\d+,"method":"tools\/list"(,"params":\{\})?\}$/

/** Where servers come that a test plays. Those that it does not wait for are only to be listed, and cannot be: what is known of a server is not asked. */
export class Bridge implements Disposable {
  /** The command that starts such a server. */
  readonly command: { command: string; args: string[] }
  readonly #listener: Server
  readonly #awaited: Array<(server: BridgedServer) => void> = []

  private constructor(listener: Server, path: string) {
    this.command = { command: process.execPath, args: [PROGRAM, path] }
    this.#listener = listener
    listener.on('connection', (socket) => void this.#welcome(new FrameEnd(socket, socket, isOfPool)))
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

  /** The next server that comes. */
  next(): Promise<BridgedServer> {
    return new Promise((resolve) => this.#awaited.push(resolve))
  }

  [Symbol.dispose](): void {
    this.#listener.close()
  }

  async #welcome(end: FrameEnd): Promise<void> {
    const [hello] = await end.take(1)
    if (hello === undefined) return
    const helloId = JSON.stringify((JSON.parse(hello) as { id: unknown }).id)
    const awaited = this.#awaited.shift()
    if (awaited === undefined)
      await end.send([`{"jsonrpc":"2.0","id":${helloId},"result":${JSON.stringify(GREETING)}}`])
    else awaited({ end, helloId })
  }
}

function isOfPool(frame: WireText, end: FrameEnd): boolean {
  if (frame === ROOTS_CHANGED) return true
  if (!LISTING.test(frame)) return false
  const { id } = JSON.parse(frame) as { id: unknown }
  void end.send([JSON.stringify({ jsonrpc: '2.0', id, error: { code: -32603, message: 'not now' } })])
  return true
}
