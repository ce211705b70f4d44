import type { Connection } from './connectors/connector.ts'

/** The frames of one sender that wait for the server to read. */
export interface Lane {
  readonly frames: Buffer[]
  waitingBytes: number
  /** Called when nothing waits any more. */
  drained(): void
}

/** A lane in which nothing waits. */
export function createLane(drained: () => void): Lane {
  return { frames: [], waitingBytes: 0, drained }
}

/**
 * Writes frames to a server. While it reads they go straight through; where it does not keep up they wait in the lane of their sender,
 * and the lanes take turns frame by frame, so that nobody who sends much keeps the others waiting.
 */
export class ServerInput {
  readonly #connection: Connection
  readonly #waitingLanes: Lane[] = []
  #isBehind = false

  constructor(connection: Connection) {
    this.#connection = connection
  }

  write(lane: Lane, frame: Buffer): void {
    if (!this.#isBehind) return this.#send(frame)
    if (lane.frames.length === 0) this.#waitingLanes.push(lane)
    lane.frames.push(frame)
    lane.waitingBytes += frame.length
  }

  /** The server has caught up. */
  drained(): void {
    this.#isBehind = false
    while (!this.#isBehind && this.#sendNext()) {
      // One frame of each lane in turn.
    }
  }

  /** Forgets what waits: the server is gone. */
  clear(): void {
    for (const lane of this.#waitingLanes.splice(0)) {
      lane.frames.length = 0
      lane.waitingBytes = 0
      lane.drained()
    }
  }

  #send(frame: Buffer): void {
    try {
      this.#isBehind = !this.#connection.write(frame)
    } catch {
      // The end of the connection tells why, to this request and all others.
    }
  }

  #sendNext(): boolean {
    const lane = this.#waitingLanes.shift()
    const frame = lane?.frames.shift()
    if (lane === undefined || frame === undefined) return false
    lane.waitingBytes -= frame.length
    if (lane.frames.length > 0) this.#waitingLanes.push(lane)
    this.#send(frame)
    if (lane.frames.length === 0) lane.drained()
    return true
  }
}
