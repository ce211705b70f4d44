import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type NetConnectOpts, type Server, type Socket } from 'node:net'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { seededRandom } from '../chaos/seeded-random.ts'

/** What is done to what passes. Times in milliseconds, amounts in bytes, counted from when the fault begins. */
export type Fault =
  /** Everything comes so much later. */
  | { readonly kind: 'latency'; readonly ms: number }
  | { readonly kind: 'throttle'; readonly bytesPerSecond: number }
  /** Everything comes in pieces of so many bytes. */
  | { readonly kind: 'slicer'; readonly bytes: number }
  /** The connection is reset (RST). */
  | { readonly kind: 'reset'; readonly afterBytes: number }
  /** The sender's end is told to the receiver, though the sender goes on. */
  | { readonly kind: 'half-close'; readonly afterBytes: number }
  /** Everything is taken, and nothing comes. */
  | { readonly kind: 'black hole'; readonly afterBytes: number }
  /** Everything comes twice. */
  | { readonly kind: 'duplicate' }
  /** Something that nobody sent comes before everything. */
  | { readonly kind: 'garbage'; readonly bytes: number }

/** Which way a fault lies: on what clients send, or on what is sent to them. */
export type Direction = 'to server' | 'to client'

/** Where a proxy listens or connects to: a Unix socket, or a port of loopback. */
export type Place = { readonly path: string } | { readonly port: number; readonly host: string }

const LOOPBACK = '127.0.0.1'
const THROTTLED_PIECES_A_SECOND = 50

/** A fault that is on, and how much has passed since. Connections that it broke stay broken. */
interface Ongoing {
  readonly fault: Fault
  readonly direction: Direction
  passed: number
}

/** Stands between clients and a server, and does to what passes what it is told, the same way for the same seed. */
export class FaultProxy implements AsyncDisposable {
  readonly #target: NetConnectOpts
  readonly #server: Server
  readonly #random: () => number
  readonly #links = new Set<Link>()
  #ongoing: Ongoing | undefined

  private constructor(target: Place, seed: number) {
    this.#target = target
    this.#random = seededRandom(seed)
    this.#server = createServer({ allowHalfOpen: true }, (near) => this.#join(near))
  }

  /** Listens at `place`, or on a free port of loopback, in front of `target`. */
  static async open(target: Place, { seed, place }: { seed: number; place?: Place }): Promise<FaultProxy> {
    const proxy = new FaultProxy(target, seed)
    await once(proxy.#server.listen(place ?? { port: 0, host: LOOPBACK }), 'listening')
    return proxy
  }

  /** Of the port that it listens on. */
  get port(): number {
    return portOf(this.#server)
  }

  /** From now on this happens to what passes on all connections, old and new. */
  inflict(fault: Fault, direction: Direction): void {
    this.#ongoing = { fault, direction, passed: 0 }
  }

  /** From now on everything passes as it is. A connection whose bytes were lost or spoilt is broken, as it is of no use. */
  heal(): void {
    this.#ongoing = undefined
    for (const link of this.#links) if (link.isSpoilt) link.break()
  }

  /** Breaks every connection; new ones are let through. */
  cut(): void {
    for (const link of this.#links) link.break()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = this.#server[Symbol.asyncDispose]()
    this.cut()
    await closed
  }

  #join(near: Socket): void {
    const far = connect({ ...this.#target, allowHalfOpen: true })
    const link = new Link(near, far)
    this.#links.add(link)
    near.once('close', () => this.#links.delete(link))
    void this.#carry(link, 'to server')
    void this.#carry(link, 'to client')
  }

  /** Carries what comes from one end to the other, until either is gone. */
  async #carry(link: Link, direction: Direction): Promise<void> {
    const [from, to] = direction === 'to server' ? [link.near, link.far] : [link.far, link.near]
    try {
      for await (const chunk of from) await this.#pass(chunk as Buffer, { link, direction, to })
      to.end()
    } catch {
      // Reset or broken: so is the other end.
      link.break()
    }
  }

  async #pass(chunk: Buffer, { link, direction, to }: Passage): Promise<void> {
    const ongoing = this.#ongoing
    if (ongoing?.direction !== direction) return write(to, chunk)
    const { fault, passed } = ongoing
    ongoing.passed += chunk.length
    switch (fault.kind) {
      case 'latency':
        await sleep(fault.ms)
        return write(to, chunk)
      case 'throttle':
        return writeInPieces(to, chunk, {
          bytes: Math.ceil(fault.bytesPerSecond / THROTTLED_PIECES_A_SECOND),
          pauseMs: 1_000 / THROTTLED_PIECES_A_SECOND,
        })
      case 'slicer':
        return writeInPieces(to, chunk, { bytes: fault.bytes, pauseMs: 0 })
      case 'duplicate':
        link.isSpoilt = true
        return write(to, Buffer.concat([chunk, chunk]))
      case 'garbage':
        link.isSpoilt = true
        return write(to, Buffer.concat([this.#garbage(fault.bytes), chunk]))
      case 'reset':
      case 'half-close':
      case 'black hole':
        return cutOff(chunk.subarray(0, Math.max(0, fault.afterBytes - passed)), { link, to, fault }, chunk.length)
    }
  }

  #garbage(bytes: number): Buffer {
    return Buffer.from(Array.from({ length: bytes }, () => Math.floor(this.#random() * 256)))
  }
}

/** The port that a server listens on. */
export function portOf(server: Server): number {
  return (server.address() as AddressInfo).port
}

interface Passage {
  readonly link: Link
  readonly direction: Direction
  readonly to: Socket
}

/** One connection of a client, and ours to the server. */
class Link {
  readonly near: Socket
  readonly far: Socket
  /** Whether bytes on it were lost, or were never sent. */
  isSpoilt = false

  constructor(near: Socket, far: Socket) {
    this.near = near
    this.far = far
    for (const socket of [near, far]) socket.setNoDelay().on('error', () => this.break())
  }

  break(): void {
    this.near.destroy()
    this.far.destroy()
  }
}

type CuttingFault = Extract<Fault, { afterBytes: number }>

/** Passes what is left of a chunk, and ends the passage where that is not all of it. */
async function cutOff(
  head: Buffer,
  { link, to, fault }: { link: Link; to: Socket; fault: CuttingFault },
  chunkLength: number,
): Promise<void> {
  if (head.length > 0 && to.writable) await write(to, head)
  if (head.length === chunkLength) return
  link.isSpoilt = true
  if (fault.kind === 'half-close' && to.writable) to.end()
  if (fault.kind !== 'reset') return
  for (const socket of [link.near, link.far]) reset(socket)
}

function reset(socket: Socket): void {
  // A Unix socket knows no RST.
  if (socket.remoteAddress === undefined) socket.destroy()
  else socket.resetAndDestroy()
}

async function write(to: Socket, bytes: Buffer): Promise<void> {
  if (to.writable && !to.write(bytes)) await Promise.race([once(to, 'drain'), once(to, 'close')])
}

async function writeInPieces(
  to: Socket,
  chunk: Buffer,
  { bytes, pauseMs }: { bytes: number; pauseMs: number },
): Promise<void> {
  for (let at = 0; at < chunk.length && to.writable; at += bytes) {
    await write(to, chunk.subarray(at, at + bytes))
    await (pauseMs === 0 ? nextTurn() : sleep(pauseMs))
  }
}
